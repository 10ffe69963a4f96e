# A second opinion: what lme4 makes of the data sets. Prints the variances, and each bid's adjusted score with its error.
#
#   Rscript tests/calibration/reference.R

suppressPackageStartupMessages(library(lme4))
for (path in sort(Sys.glob("tests/data/calibration/*.csv"))) {
  scores <- read.csv(path, stringsAsFactors = TRUE)
  fitted <- suppressMessages(lmer(score ~ 0 + bid + (1 | assessor), scores, REML = TRUE))
  components <- as.data.frame(VarCorr(fitted))$vcov
  cat(sprintf("%s: leniency %.4f, noise %.4f\n", basename(path), components[1], components[2]))
  errors <- sqrt(diag(as.matrix(vcov(fitted))))
  cat(sprintf("  %s %.4f (%.4f)\n", levels(scores$bid), fixef(fitted), errors), sep = "")
  leniencies <- ranef(fitted)$assessor
  cat(sprintf("  %s %.4f\n", rownames(leniencies), leniencies[, 1]), sep = "")
}
