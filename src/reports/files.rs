//! Reports as files: their types, and the paper as a page of HTML that stands alone.

use askama::Template;

use super::ops::File;
use super::panel_paper::{Paper, Row};
use crate::problem::{Problem, Result};
use crate::web::assets::REPORT_STYLE;

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const CSV: &str = "text/csv; charset=utf-8";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The paper as a whole page.
#[derive(Template)]
#[template(path = "reports/templates/panel_paper.html")]
pub(super) struct PaperFile {
    paper: Paper,
    /// Where the page takes its style along; else it asks the service for it.
    style: Option<&'static str>,
}

impl PaperFile {
    /// A page that the service shows.
    pub fn shown(paper: Paper) -> Self {
        Self { paper, style: None }
    }

    /// A file that needs nothing else.
    pub fn standing_alone(paper: Paper) -> Self {
        Self { paper, style: Some(REPORT_STYLE) }
    }

    /// Off the event loop: a paper may have thousands of rows.
    ///
    /// # Errors
    /// The template cannot be rendered.
    pub async fn rendered(self) -> Result<String> {
        let rendered = tokio::task::spawn_blocking(move || self.render());
        rendered.await.map_err(Problem::internal)?.map_err(Problem::internal)
    }

    /// # Errors
    /// The template cannot be rendered.
    pub async fn written(self) -> Result<File> {
        let name = format!("{}-panel-paper", self.paper.round_code);
        Ok(File { name, bytes: self.rendered().await?.into_bytes() })
    }
}
