"""What an independent implementation makes of the data sets of tests/data/calibration.

    python3 -m venv venv && venv/bin/pip install statsmodels
    venv/bin/python tests/calibration/reference.py          # writes NAME.expected.json beside each NAME.csv
    venv/bin/python tests/calibration/reference.py --data   # makes the data sets afresh first

statsmodels' MixedLM fits score = bid (fixed) + assessor (random, all in one group, so crossed) by REML. Its own
errors of fixed effects come from a joint Hessian with the variances; those here are the textbook's (and lme4's), from
the whole of Henderson's equations at statsmodels' variances, with nothing eliminated.
The test `calibration_agrees_with_statsmodels` compares; nothing else needs Python.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

DATA = Path(__file__).parent.parent / "data" / "calibration"


def make(name, bids, assessors, sizes, leniency, noise, seed, areas=1, whole=False):
    """Bids of mean 60, each with the next of `sizes` assessments by assessors of its own area."""
    random = np.random.default_rng(seed)
    lenient = random.normal(0, leniency, assessors)
    quality = random.normal(60, 10, bids)
    rows = []
    for bid in range(bids):
        nearby = [one for one in range(assessors) if one % areas == bid % areas]
        for one in sorted(random.choice(nearby, size=sizes[bid % len(sizes)], replace=False)):
            score = quality[bid] + lenient[one] + random.normal(0, noise)
            score = min(100, max(0, round(score) if whole else round(score, 2)))
            rows.append((f"B{bid + 1:03}", f"A{one + 1:02}", score))
    with open(DATA / f"{name}.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("bid", "assessor", "score"))
        out.writerows(rows)


def make_data():
    make("balanced", bids=12, assessors=5, sizes=[5], leniency=6, noise=5, seed=1)
    make("unbalanced", bids=21, assessors=9, sizes=[3, 2, 4, 1, 3], leniency=7, noise=6, seed=2, whole=True)
    make("planted", bids=80, assessors=16, sizes=[3], leniency=8, noise=5, seed=3)
    make("two_parts", bids=30, assessors=12, sizes=[3, 2], leniency=6, noise=6, seed=4, areas=2, whole=True)
    make("no_leniency", bids=24, assessors=8, sizes=[3], leniency=0, noise=8, seed=6)


def indicators(keys):
    names = sorted(set(keys))
    return names, np.array([[float(key == name) for name in names] for key in keys])


def fit(rows):
    bids, of_bid = indicators([row["bid"] for row in rows])
    assessors, of_assessor = indicators([row["assessor"] for row in rows])
    scores = np.array([float(row["score"]) for row in rows])
    crossed = VCSpec(["assessor"], [[assessors]], [[of_assessor]])
    model = MixedLM(scores, of_bid, np.ones(len(rows)), exog_vc=crossed)
    fitted = model.fit(reml=True, method="nm", maxiter=5000, xtol=1e-10, ftol=1e-12)
    leniency, noise = float(fitted.vcomp[0]), float(fitted.scale)
    if leniency < 1e-6 * noise:
        leniencies, errors = np.zeros(len(assessors)), None
        bid_errors = np.sqrt(noise / of_bid.sum(axis=0))
    else:
        leniencies = np.asarray(fitted.random_effects[1.0])
        bid_errors, errors = prediction_errors(of_bid, of_assessor, leniency, noise)
    return {
        "log_likelihood": float(fitted.llf),
        "leniency_variance": leniency,
        "noise_variance": noise,
        "bids": {key: [float(a), float(e)] for key, a, e in zip(bids, fitted.fe_params, bid_errors)},
        "assessors": {
            key: [float(value), None if errors is None else float(errors[at])]
            for at, (key, value) in enumerate(zip(assessors, leniencies))
        },
    }


def prediction_errors(of_bid, of_assessor, leniency, noise):
    """Of the adjusted scores and of the leniencies."""
    both = np.hstack([of_bid, of_assessor])
    equations = both.T @ both
    bids = of_bid.shape[1]
    random = np.arange(bids, both.shape[1])
    equations[random, random] += noise / leniency
    errors = np.sqrt(noise * np.diag(np.linalg.inv(equations)))
    return errors[:bids], errors[bids:]


def main():
    if "--data" in sys.argv:
        make_data()
    for path in sorted(DATA.glob("*.csv")):
        with open(path) as file:
            expected = fit(list(csv.DictReader(file)))
        path.with_suffix(".expected.json").write_text(json.dumps(expected, indent=1) + "\n")
        print(path.stem, f"{expected['leniency_variance']:.6f} {expected['noise_variance']:.6f}")


main()
