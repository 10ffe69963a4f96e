//! What the tree of areas promises.

use serde_json::json;

use crate::support::App;

#[test]
fn the_reference_areas_are_there_and_anybody_reads_them() {
    let app = App::start();
    let areas = app.anyone().get("/areas").ok().json["items"].as_array().cloned().expect("a list");
    assert_eq!(areas.len(), 36);
    let burnley = areas.iter().find(|area| area["code"] == "E07000117").expect("Burnley");
    assert_eq!(burnley["parent_code"], "E10000017");
    let groups = app.anyone().get("/areas/groups").ok().json;
    assert_eq!(
        groups["items"],
        json!([{"code": "lancashire-lep", "name": "Lancashire", "areas": ["E06000008", "E06000009", "E10000017"]}])
    );
}

#[test]
fn an_area_stands_below_one_that_is_there() {
    let app = App::start();
    let admin = app.admin();
    let area = json!({"code": "E05000001", "name": "A ward", "kind": "ward", "parent_code": "E07000117"});
    assert_eq!(admin.post("/areas", &area).created(), area);
    admin.post("/areas", &area).refused(409, "already-exists");

    let wrong = json!({"code": "burnley", "name": " ", "kind": "A Ward", "parent_code": "E99999999"});
    let answer = admin.post("/areas", &wrong);
    assert_eq!(answer.pointers(), ["/code", "/name", "/kind", "/parent_code"]);
    answer.refused(422, "invalid");
}

#[test]
fn a_group_names_areas_that_exist_each_once() {
    let app = App::start();
    let admin = app.admin();
    let group = json!({"code": "pennines", "name": "Pennines", "areas": ["E07000117", "E07000122"]});
    assert_eq!(admin.post_once("/areas/groups", "key", &group).created(), group);
    assert_eq!(admin.post_once("/areas/groups", "key", &group).created(), group);
    admin.post("/areas/groups", &group).refused(409, "already-exists");

    let wrong = json!({"code": "E07000117", "name": "x", "areas": ["E07000117", "E07000117", "nowhere"]});
    let answer = admin.post("/areas/groups", &wrong);
    assert_eq!(answer.pointers(), ["/code", "/areas/1", "/areas/2"]);
    answer.refused(422, "invalid");
}

#[test]
fn only_an_administrator_adds_areas() {
    let app = App::start();
    let provider = app.provider("Calder Skills Trust");
    let area = json!({"code": "E05000001", "name": "A ward", "kind": "ward", "parent_code": null});
    provider.post("/areas", &area).refused(403, "forbidden");
    app.anyone().post("/areas", &area).refused(401, "unauthenticated");
}
