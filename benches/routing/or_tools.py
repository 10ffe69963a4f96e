#!/usr/bin/env python3
"""Our routing beside OR-tools' minimum-cost flow, on made instances: the same optimum, and how long each takes.

    cargo build --release --example solve_routing
    pip install numpy ortools
    benches/routing/or_tools.py target/release/examples/solve_routing many     # 200 instances: are the optima equal?
    benches/routing/or_tools.py target/release/examples/solve_routing small middle large

An instance: 50 areas (6 under 100 bids), drawn with Zipf weights; a bid covers 1 to 3 of them, an assessor 1 to 5; a pair is
possible where they share one, less 1 % conflicts; 3 places a bid; capacities for 1.3 times the places, 0 to 2 more. Its value is 25 for
each shared area, and chance. OR-tools is asked for the most places and then the greatest value alone; ours for evenness too.
Both report the seconds of solving alone; they take turns, and of their times the middle one counts.
"""
import json, os, statistics, subprocess, sys, tempfile, time
import numpy as np
from ortools.graph.python import min_cost_flow

SIZES = {"small": (1_000, 200, 0, 7), "middle": (10_000, 1_000, 0, 5), "large": (100_000, 5_000, 30, 3)}


def make(bids, assessors, seed, best=0):
    """An instance; with `best`, only the best so many assessors of each bid may take it."""
    chance = np.random.default_rng(seed)
    areas = 6 if bids < 100 else 50
    weights = np.arange(1, areas + 1) ** -0.7
    weights /= weights.sum()
    some = lambda most: chance.choice(areas, min(areas, int(chance.integers(1, most + 1))), False, weights)
    covers = np.zeros((assessors, areas), np.int8)
    for assessor in range(assessors):
        covers[assessor, some(5)] = 1
    pairs = []
    for bid in range(bids):
        shared = covers[:, some(3)].sum(axis=1)
        who = np.nonzero(shared)[0]
        who = who[chance.random(who.size) >= 0.01]
        value = 25 * shared[who] + 20 - chance.integers(0, 20, who.size)
        if best:
            first = np.argsort(-value, kind="stable")[:best]
            who, value = who[first], value[first]
        pairs.append(np.stack([np.full(who.size, bid), who, value], 1))
    capacity = -(-39 * bids // (10 * assessors)) + chance.integers(0, 3, assessors)
    pairs = np.concatenate(pairs).tolist()
    return {"places": [3] * bids, "capacity": capacity.tolist(), "minimum": [0] * assessors, "pairs": pairs}


def theirs(instance):
    """OR-tools' optimum as (filled, value, seconds)."""
    bid, assessor, value = np.array(instance["pairs"], np.int64).T
    places, capacity = np.array(instance["places"]), np.array(instance["capacity"])
    bids, assessors, total = places.size, capacity.size, int(places.sum())
    # One place more outweighs whatever else changes along a path.
    empty = (int(value.max()) * 3 + 1) * (int(places.max()) * 2 + 2) * min(bids, 2 * assessors + 2) + 1
    source, sink = bids + assessors, bids + assessors + 1
    start = time.perf_counter()
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([np.full(bids, source), bid, bids + np.arange(assessors), [source]]).astype(np.int32),
        np.concatenate([np.arange(bids), bids + assessor, np.full(assessors, sink), [sink]]).astype(np.int32),
        np.concatenate([places, np.ones(bid.size, np.int64), capacity, [total]]).astype(np.int64),
        np.concatenate([np.zeros(bids), -value, np.zeros(assessors), [empty]]).astype(np.int64),
    )
    flow.set_node_supply(source, total)
    flow.set_node_supply(sink, -total)
    assert flow.solve() == flow.OPTIMAL
    seconds = time.perf_counter() - start
    taken = flow.flows(arcs)[bids : bids + bid.size].astype(bool)
    return int(taken.sum()), int(value[taken].sum()), seconds


def ours(program, path, instance):
    """Our answer as (filled, value, seconds), checked to be possible and worth what it says."""
    answer = json.loads(subprocess.run([program, path], check=True, capture_output=True).stdout)
    value = {(bid, assessor): value for bid, assessor, value in instance["pairs"]}
    pairs = [tuple(pair) for pair in answer["pairs"]]
    assert len(set(pairs)) == len(pairs) == answer["filled"], "an assessor stands twice on a bid"
    assert sum(value[pair] for pair in pairs) == answer["total"], "a pair is impossible, or the total wrong"
    for side, most in ((0, instance["places"]), (1, instance["capacity"])):
        counts = np.bincount([pair[side] for pair in pairs], minlength=len(most))
        assert (counts <= np.array(most)).all(), "over places or capacity"
    return answer["filled"], answer["total"], answer["seconds"]


def compare(program, bids, assessors, seed, best, turns):
    instance = make(bids, assessors, seed, best)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "instance.json")
        with open(path, "w") as file:
            json.dump(instance, file)
        both = [(ours(program, path, instance), theirs(instance)) for _ in range(turns)]
    for mine, other in both:
        assert mine[:2] == other[:2], f"{bids} x {assessors}, seed {seed}: {mine[:2]} is not {other[:2]}"
    return [statistics.median(turn[side][2] for turn in both) for side in (0, 1)] + [both[0][0][:2]]


def main(program, cases):
    for case in cases:
        if case == "many":
            sizes = np.geomspace(21, 1_000, 200).round().astype(int)
            for seed, bids in enumerate(sizes):
                compare(program, int(bids), int(np.interp(bids, [21, 1_000], [12, 200])), seed, 0, 1)
            print(f"{len(sizes)} instances of 21 x 12 to 1,000 x 200: places and values equal OR-tools'")
            continue
        bids, assessors, best, turns = SIZES[case]
        mine, other, worth = compare(program, bids, assessors, 1, best, turns)
        print(f"{case}: {bids:,} x {assessors:,}, filled and value {worth}: ours {mine:.3f} s, OR-tools {other:.3f} s, ratio {mine / other:.2f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] or ["many", *SIZES])
