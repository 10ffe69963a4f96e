#!/usr/bin/env python3
"""Runs a small round from end to end against a running service, with Python's standard library alone.

It reads the service's own OpenAPI document and finds each operation in it by method and path, so it
is also a worked example of the interface: sign in, make a fund and a round, invite assessors, let
providers register and bid, route, assess, rehearse the closing, close, read the outcomes.

    python3 docs/client/run_a_round.py --url http://127.0.0.1:8080 \
        --admin-email alex@example.org --admin-password '…' --outbox var/outbox

Invitations and confirmations are links in emails. With --outbox they are read from the .eml files of
the file transport; without it, you are asked to paste each link.
"""

import argparse
import datetime
import email
import email.policy
import json
import pathlib
import re
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PASSWORD = "a quiet day in october"
SCALE = ["No response", "Unsatisfactory", "Poor", "Satisfactory", "Good", "Excellent"]


class Service:
    """The service, as its OpenAPI document describes it."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        with urllib.request.urlopen(f"{self.url}/api/v1/openapi.json", timeout=30) as answer:
            self.document = json.load(answer)

    def operation(self, method, path):
        """The description of an operation; the document is the only list of what there is."""
        try:
            return self.document["paths"][path][method.lower()]
        except KeyError:
            sys.exit(f"the service's OpenAPI document has no {method} {path}")

    def call(self, method, path, body=None, token=None, if_match=None, query=None, **in_path):
        """Calls an operation; gives the answer's JSON and its ETag, or ends with the problem it tells."""
        operation = self.operation(method, path)
        url = self.url + path.format(**in_path)
        if query:
            url += "?" + urllib.parse.urlencode(query)
        headers, data = {"Accept": "application/json"}, None
        if body is not None:
            kinds = operation.get("requestBody", {}).get("content", {"application/json": {}})
            if "application/x-www-form-urlencoded" in kinds:
                headers["Content-Type"], data = "application/x-www-form-urlencoded", urllib.parse.urlencode(body)
            else:
                headers["Content-Type"], data = "application/json", json.dumps(body)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if if_match:
            headers["If-Match"] = if_match
        if method == "POST" and token:
            # The same key and body give the same answer again: safe to repeat after a lost connection.
            headers["Idempotency-Key"] = secrets.token_hex(16)
        data = data.encode() if data is not None else (b"" if method == "POST" else None)
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read().decode()
                return (json.loads(text) if text else None), answer.headers.get("ETag")
        except urllib.error.HTTPError as refused:
            problem = refused.read().decode()
            sys.exit(f"{method} {url} was answered {refused.code}: {problem}")


class Person:
    """Somebody who signs in with a password and acts with the token that it gives."""

    def __init__(self, service, address, password=PASSWORD):
        self.service, self.address, self.password = service, address, password
        self.token, self.until = None, 0.0

    def call(self, method, path, body=None, **more):
        if time.monotonic() > self.until:
            form = {"grant_type": "password", "username": self.address, "password": self.password}
            answer, _ = self.service.call("POST", "/api/v1/token", form)
            self.token = answer["access_token"]
            self.until = time.monotonic() + answer["expires_in"] - 60
        return self.service.call(method, path, body, token=self.token, **more)

    def get(self, path, **more):
        return self.call("GET", path, **more)[0]

    def post(self, path, body, **more):
        return self.call("POST", path, body, **more)[0]

    def change(self, path, body, **more):
        """Reads the thing for its ETag, then sends the change with it."""
        _, etag = self.call("GET", path, **more)
        return self.call("PUT", path, body, if_match=etag, **more)[0]

    def all(self, path, query=None, **more):
        """Every item of a list, page after page."""
        query, items = dict(query or {}, limit=100), []
        while True:
            page = self.get(path, query=query, **more)
            items += page["items"]
            if "next_cursor" not in page:
                return items
            query["cursor"] = page["next_cursor"]


class Postbox:
    """Where the links are that people get by email."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) if folder else None

    def token(self, address):
        if self.folder is None:
            link = input(f"Paste the link from the email to {address}: ")
            return urllib.parse.parse_qs(urllib.parse.urlsplit(link.strip()).query)["token"][0]
        for _ in range(300):
            for file in sorted(self.folder.glob("*.eml"), reverse=True):
                message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                if address in str(message["To"]):
                    found = re.search(r"token=([A-Za-z0-9_\-]+)", message.get_body(("plain",)).get_content())
                    if found:
                        return found.group(1)
            time.sleep(0.1)
        sys.exit(f"no email with a link came for {address} in {self.folder}")


def say(line):
    print(line, flush=True)


def rules(budget):
    scale = [{"score": score, "label": label} for score, label in enumerate(SCALE)]
    criterion = lambda key, title, weight: {
        "key": key, "title": title, "guidance": f"Tell us about {title.lower()}.", "word_limit": 200,
        "weight": weight, "scale": scale, "threshold": 2,
    }
    return {
        "criteria": [criterion("need", "Need and demand", 60), criterion("delivery", "Deliverability", 40)],
        "gateways": [{"key": "registered", "question": "Are you registered in the United Kingdom?", "required_answer": True}],
        "declarations": [{"key": "accurate", "statement": "What we have written is accurate."}],
        "assessors_per_bid": 2,
        "quorum": 2,
        "overall_threshold": 50,
        "tie_break": ["need"],
        "budget_pence": budget,
        "grant_limit_pence": 18_000_000,
        "query_email": "queries@example.org",
    }


def bid(name, address, area, pounds):
    soon = datetime.date.today() + datetime.timedelta(days=60)
    return {
        "title": f"Digital skills by {name}",
        "summary": "Forty people train for vacancies that employers nearby have named.",
        "areas": [area],
        "lead_contact": {"name": f"{name} Lead", "email": address},
        "amount_requested_pence": pounds * 100,
        "match_funding_pence": 0,
        "planned_learners": 40,
        "starts_on": soon.isoformat(),
        "ends_on": (soon + datetime.timedelta(days=200)).isoformat(),
        "answers": {"need": "Six employers have named thirty vacancies.", "delivery": "The team is in post and the rooms are booked."},
        "gateway_answers": {"registered": True},
        "declarations": ["accurate"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--admin-email", required=True)
    parser.add_argument("--admin-password", required=True)
    parser.add_argument("--outbox", help="folder of .eml files that the service writes")
    options = parser.parse_args()

    service, postbox = Service(options.url), Postbox(options.outbox)
    admin = Person(service, options.admin_email, options.admin_password)
    # Every run has people and organisations of its own.
    run = secrets.token_hex(3)

    area = "E08000003"  # Manchester
    fund = admin.post("/api/v1/funds", {"name": f"Example fund {run}", "description": "Made by the example client.", "areas": ["E47000001"]})
    now = datetime.datetime.now(datetime.timezone.utc)
    at = lambda days: (now + datetime.timedelta(days=days)).isoformat(timespec="seconds").replace("+00:00", "Z")
    round_ = admin.post("/api/v1/rounds", {
        "fund_id": fund["id"], "code": run[:6].upper(), "name": f"Example round {run}", "rules": rules(30_000_000),
        "deadline": at(30), "assessments_due_at": at(50),
    })
    here = {"id": round_["id"]}
    say(f"{fund['name']}: {round_['name']} is drafted.")

    assessors = []
    for number in range(3):
        address = f"assessor{number}-{run}@example.org"
        user = admin.post("/api/v1/users", {"email": address, "name": f"Assessor {number + 1}", "role": "assessor"})
        admin.change("/api/v1/assessors/{id}", {"areas": ["E47000001"]}, id=user["id"])
        service.call("POST", "/api/v1/passwords", {"token": postbox.token(address), "password": PASSWORD})
        assessors.append((Person(service, address), user["id"]))
    pool = [{"assessor_id": user, "capacity": 4, "minimum": 0} for _, user in assessors]
    admin.change("/api/v1/rounds/{id}/assessors", {"assessors": pool}, **here)
    admin.post("/api/v1/rounds/{id}/open", {}, **here)
    say(f"{len(assessors)} assessors have joined; the round is open.")

    bids, providers = [], {}
    for number, (name, pounds) in enumerate([("Larch", 150_000), ("Maple", 140_000), ("Rowan", 120_000)]):
        address = f"provider{number}-{run}@example.org"
        service.call("POST", "/api/v1/registrations", {
            "organisation": {"name": f"{name} Skills {run}", "registered_number": f"98{secrets.randbelow(10**6):06}"},
            "name": f"{name} Lead", "email": address, "password": PASSWORD,
        })
        service.call("POST", "/api/v1/registrations/confirm", {"token": postbox.token(address)})
        provider = Person(service, address)
        draft = provider.post("/api/v1/rounds/{id}/bids", bid(name, address, area, pounds), **here)
        sent = provider.post("/api/v1/bids/{id}/submit", {}, id=draft["id"])
        providers[sent["id"]] = provider
        bids.append(sent["id"])
        say(f"{name} has submitted {sent['reference']}.")

    admin.post("/api/v1/rounds/{id}/start-assessment", {"reason": "Everybody has bid."}, **here)
    for person, _ in assessors:
        for offer in person.all("/api/v1/assignments", {"status": "offered"}):
            assignment = {"id": offer["assignment"]["id"]}
            person.post("/api/v1/assignments/{id}/accept", {"no_conflict": True}, **assignment)
            # The first bid is the best, the last the weakest.
            score = 5 - bids.index(offer["bid"]["id"])
            words = {"score": score, "justification": "Names the employers.", "feedback": "Say more about the dates."}
            person.change("/api/v1/assignments/{id}/assessment", {
                "scores": {"need": words, "delivery": words}, "feedback": "Thank you for a clear bid.",
                "private_note": "", "in_scope": True, "recommendation": "fund",
            }, **assignment)
            person.post("/api/v1/assignments/{id}/assessment/submit", {}, **assignment)
    progress = admin.get("/api/v1/rounds/{id}/progress", **here)
    say(f"{progress['received']}; {progress['assessments_submitted']} assessments are in.")

    preview = admin.post("/api/v1/rounds/{id}/close", {"dry_run": True}, **here)
    say(f"Rehearsed: {len(preview['outcomes'])} outcomes, {len(preview['emails'])} emails, {len(preview['blockers'])} open points.")
    admin.post("/api/v1/rounds/{id}/close", {"confirm": round_["name"], "previewed_sha256": preview["snapshot_sha256"]}, **here)
    outcomes = admin.get("/api/v1/rounds/{id}/outcomes", **here)["outcomes"]
    for outcome in outcomes:
        say(f"{outcome['detail']['reference']}  {outcome['score']}  {outcome['outcome']}: {outcome['sentence']}")
    own = providers[bids[0]].get("/api/v1/bids/{id}/outcome", id=bids[0])
    say(f"The first bidder reads: {own['outcome']}, {own['sentence']}")
    verified = admin.get("/api/v1/rounds/{id}/verify", **here)
    say("Recomputed from its snapshot, the round " + ("gives the same outcomes." if verified["agrees"] else "DIFFERS."))


if __name__ == "__main__":
    main()
