//! A primal network simplex on a tree, one pivot at a time.
//!
//! It holds the arcs that are in the tree and any others that its user keeps; which arc enters is the user's choice, so
//! that arcs without flow need not be stored anywhere.
//!
//! Invariant: the tree is *strongly feasible*: from the root, one more unit can be sent along the tree to any node in
//! it. Then degenerate pivots cannot cycle (Cunningham 1976; here mirrored, for the usual text sends towards the root).
//! It must not know what its nodes and arcs stand for.

use std::fmt::Debug;
use std::ops::{Add, Mul, Neg, Sub};

use super::number;

/// The node at which every tree starts.
pub(super) const ROOT: u32 = 0;
/// No node, or no arc.
pub(super) const NONE: u32 = u32::MAX;

/// A number that costs are counted in: 64 bits where they suffice, else 128.
pub(super) trait Cost:
    Copy
    + Ord
    + Debug
    + From<i64>
    + TryFrom<i128>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
{
    /// What the costs along a path or cycle stay below, in size.
    const LIMIT: Self;
    /// A potential that makes no arc into its node worth taking; twice the limit below zero.
    const LEAST: Self;
    /// The potential of a node that no way leads to yet.
    const UNREACHED: Self;
    const ZERO: Self;
}

impl Cost for i64 {
    const LIMIT: Self = 1 << 61;
    const LEAST: Self = -(1 << 62);
    const UNREACHED: Self = 1 << 62;
    const ZERO: Self = 0;
}

impl Cost for i128 {
    const LIMIT: Self = 1 << 125;
    const LEAST: Self = -(1 << 126);
    const UNREACHED: Self = 1 << 126;
    const ZERO: Self = 0;
}

#[derive(Clone, Copy)]
pub(super) struct Arc<C> {
    pub(super) cost: C,
    pub(super) tail: u32,
    pub(super) head: u32,
    pub(super) flow: u32,
    pub(super) capacity: u32,
    pub(super) in_tree: bool,
}

impl<C> Arc<C> {
    /// Neither empty nor full?
    pub(super) const fn is_between(&self) -> bool {
        0 < self.flow && self.flow < self.capacity
    }
}

pub(super) struct Simplex<C> {
    arcs: Vec<Arc<C>>,
    /// Numbers of arcs that were forgotten, to be used again.
    vacant: Vec<u32>,
    nodes: Vec<Node<C>>,
}

/// A node's place in the tree; its children are a list through `next` and `previous`.
#[derive(Clone, Copy)]
pub(super) struct Node<C> {
    pub(super) potential: C,
    parent: u32,
    /// The arc between this node and its parent, whichever way it points.
    link: u32,
    depth: u32,
    child: u32,
    next: u32,
    previous: u32,
}

impl<C> Node<C> {
    const fn outside(potential: C) -> Self {
        Self { potential, parent: NONE, link: NONE, depth: 0, child: NONE, next: NONE, previous: NONE }
    }
}

/// What a pivot is limited by.
struct Limit {
    units: u32,
    leaving: Leaving,
}

/// The arc that leaves the tree: the entering one itself, or the link of a node on either side of the cycle.
enum Leaving {
    Entering,
    Down(u32),
    Up(u32),
}

impl<C: Cost> Simplex<C> {
    /// A tree of the root alone.
    pub(super) fn new() -> Self {
        Self { arcs: Vec::new(), vacant: Vec::new(), nodes: vec![Node::outside(C::ZERO)] }
    }

    /// A node outside the tree, where no arc into it is worth taking.
    pub(super) fn add_node(&mut self) -> u32 {
        self.nodes.push(Node::outside(C::LEAST));
        number(self.nodes.len() - 1)
    }

    /// An arc outside the tree.
    pub(super) fn add_arc(&mut self, tail: u32, head: u32, capacity: u32, cost: C) -> u32 {
        let arc = Arc { cost, tail, head, flow: 0, capacity, in_tree: false };
        if let Some(number) = self.vacant.pop() {
            self.arcs[number as usize] = arc;
            return number;
        }
        self.arcs.push(arc);
        number(self.arcs.len() - 1)
    }

    /// Forgets an arc that is not in the tree; its number may be given to another.
    pub(super) fn forget(&mut self, arc: u32) {
        self.vacant.push(arc);
    }

    pub(super) fn nodes(&self) -> u32 {
        number(self.nodes.len())
    }

    pub(super) fn arcs(&self) -> u32 {
        number(self.arcs.len())
    }

    pub(super) fn arc(&self, arc: u32) -> &Arc<C> {
        &self.arcs[arc as usize]
    }

    /// Adds flow to an arc, before there is a tree.
    pub(super) fn load(&mut self, arc: u32, units: u32) {
        self.arcs[arc as usize].flow += units;
    }

    pub(super) fn potential(&self, node: u32) -> C {
        self.nodes[node as usize].potential
    }

    /// `count` nodes from `first`.
    pub(super) fn some_nodes(&self, first: u32, count: usize) -> &[Node<C>] {
        &self.nodes[first as usize..][..count]
    }

    pub(super) fn reduced_cost(&self, arc: &Arc<C>) -> C {
        arc.cost + self.potential(arc.tail) - self.potential(arc.head)
    }

    pub(super) fn is_hung(&self, node: u32) -> bool {
        node == ROOT || self.nodes[node as usize].parent != NONE
    }

    /// Hangs a node from the other end of an arc, which is in the tree. For the invariant, a unit more must be able to go
    /// that way.
    pub(super) fn hang(&mut self, node: u32, arc: u32) {
        let Arc { tail, head, cost, .. } = self.arcs[arc as usize];
        self.arcs[arc as usize].in_tree = true;
        let above = tail ^ head ^ node;
        self.attach(node, above, arc);
        let potential = self.potential(above);
        self.set_potential(node, if head == node { potential + cost } else { potential - cost });
    }

    /// Are these nodes, which are next to each other, in the tree, not right below the root, and nothing but they below them?
    pub(super) fn hangs_alone(&self, first: u32, count: u32) -> bool {
        let own = first..first + count;
        own.clone().all(|node| {
            let Node { parent, mut child, .. } = self.nodes[node as usize];
            while child != NONE && own.contains(&child) {
                child = self.nodes[child as usize].next;
            }
            parent != NONE && parent != ROOT && child == NONE
        })
    }

    /// Takes nodes that hang alone out of the tree.
    pub(super) fn unhang(&mut self, first: u32, count: u32) {
        for node in first..first + count {
            let Node { parent, link, .. } = self.nodes[node as usize];
            if !(first..first + count).contains(&parent) {
                self.detach(node);
            }
            self.arcs[link as usize].in_tree = false;
        }
        for node in first..first + count {
            self.nodes[node as usize] = Node::outside(self.potential(node));
        }
    }

    pub(super) fn is_from_root(&self, arc: u32) -> bool {
        self.arcs[arc as usize].tail == ROOT
    }

    pub(super) fn set_potential(&mut self, node: u32, potential: C) {
        self.nodes[node as usize].potential = potential;
    }

    /// Lowers the potential of an arc's head, if a unit more through the arc is a cheaper way there; whether it was.
    pub(super) fn reach_on(&mut self, arc: u32) -> bool {
        let Arc { tail, head, cost, flow, capacity, .. } = self.arcs[arc as usize];
        flow < capacity && self.reach(tail, head, cost)
    }

    /// Lowers the potential of an arc's tail, if a unit less through the arc is a cheaper way there; whether it was.
    pub(super) fn reach_back(&mut self, arc: u32) -> bool {
        let Arc { tail, head, cost, flow, .. } = self.arcs[arc as usize];
        flow > 0 && self.reach(head, tail, -cost)
    }

    fn reach(&mut self, from: u32, to: u32, cost: C) -> bool {
        let way = self.potential(from);
        let is_cheaper = way != C::UNREACHED && way + cost < self.potential(to);
        if is_cheaper {
            self.set_potential(to, way + cost);
        }
        is_cheaper
    }

    /// Could a unit more go through an arc from this end of it?
    pub(super) fn has_room(&self, arc: u32, from: u32) -> bool {
        self.room(arc, from) > 0
    }

    /// Sends what it can round the cycle that an arc, from outside the tree, closes with it, and swaps it for the arc that
    /// stops the rest, which it returns. That may be the arc itself.
    pub(super) fn pivot(&mut self, entering: u32) -> u32 {
        let arc = self.arcs[entering as usize];
        let rises = arc.flow == 0;
        let (from, to) = if rises { (arc.tail, arc.head) } else { (arc.head, arc.tail) };
        let apex = self.apex(from, to);
        let limit = self.limit(entering, from, to, apex);
        if limit.units > 0 {
            self.send(limit.units, from, to, apex);
            let flow = &mut self.arcs[entering as usize].flow;
            *flow = if rises { *flow + limit.units } else { *flow - limit.units };
        }
        let gain = self.reduced_cost(&arc);
        let gain = if rises { gain } else { -gain };
        let (below, above, cut, shift) = match limit.leaving {
            Leaving::Entering => return entering,
            Leaving::Down(cut) => (from, to, cut, -gain),
            Leaving::Up(cut) => (to, from, cut, gain),
        };
        let leaving = self.nodes[cut as usize].link;
        self.arcs[leaving as usize].in_tree = false;
        self.arcs[entering as usize].in_tree = true;
        self.rehang(below, above, entering, cut);
        self.shift(below, shift);
        leaving
    }

    /// Where the ways of two nodes to the root meet.
    fn apex(&self, mut a: u32, mut b: u32) -> u32 {
        while a != b {
            let (up_a, up_b) = (&self.nodes[a as usize], &self.nodes[b as usize]);
            let (depth_a, depth_b) = (up_a.depth, up_b.depth);
            if depth_a >= depth_b {
                a = up_a.parent;
            }
            if depth_b >= depth_a {
                b = up_b.parent;
            }
        }
        a
    }

    /// Of the arcs that stop the cycle apex → from → to → apex soonest, the first in that direction: this keeps the tree
    /// strongly feasible. So, of equals, the highest on the way down, then the entering arc, then the lowest on the way up.
    fn limit(&self, entering: u32, from: u32, to: u32, apex: u32) -> Limit {
        let mut limit = Limit { units: self.arcs[entering as usize].capacity, leaving: Leaving::Entering };
        let mut node = from;
        while node != apex {
            let Node { link, parent, .. } = self.nodes[node as usize];
            let units = self.room(link, parent);
            if units <= limit.units {
                limit = Limit { units, leaving: Leaving::Down(node) };
            }
            node = parent;
        }
        node = to;
        while node != apex {
            let Node { link, parent, .. } = self.nodes[node as usize];
            let units = self.room(link, node);
            if units < limit.units {
                limit = Limit { units, leaving: Leaving::Up(node) };
            }
            node = parent;
        }
        limit
    }

    /// How many units more can go through an arc from this end of it.
    fn room(&self, arc: u32, from: u32) -> u32 {
        let arc = &self.arcs[arc as usize];
        if arc.tail == from { arc.capacity - arc.flow } else { arc.flow }
    }

    fn send(&mut self, units: u32, from: u32, to: u32, apex: u32) {
        let mut node = from;
        while node != apex {
            let Node { link, parent, .. } = self.nodes[node as usize];
            self.carry(link, parent, units);
            node = parent;
        }
        node = to;
        while node != apex {
            let Node { link, parent, .. } = self.nodes[node as usize];
            self.carry(link, node, units);
            node = parent;
        }
    }

    fn carry(&mut self, arc: u32, from: u32, units: u32) {
        let arc = &mut self.arcs[arc as usize];
        if arc.tail == from {
            arc.flow += units;
        } else {
            arc.flow -= units;
        }
    }

    /// Cuts the link of `cut` and hangs what was below it from `above`, by the arc between `below` and `above`. Only the
    /// nodes from `below` up to `cut` change their parent: each becomes its former child's child.
    fn rehang(&mut self, below: u32, above: u32, arc: u32, cut: u32) {
        let (mut node, mut parent, mut link) = (below, above, arc);
        loop {
            let former = self.nodes[node as usize];
            self.detach(node);
            self.attach(node, parent, link);
            if node == cut {
                break;
            }
            (parent, link, node) = (node, former.link, former.parent);
        }
    }

    fn detach(&mut self, node: u32) {
        let Node { parent, next, previous, .. } = self.nodes[node as usize];
        if previous == NONE {
            self.nodes[parent as usize].child = next;
        } else {
            self.nodes[previous as usize].next = next;
        }
        if next != NONE {
            self.nodes[next as usize].previous = previous;
        }
    }

    fn attach(&mut self, node: u32, parent: u32, link: u32) {
        let next = self.nodes[parent as usize].child;
        if next != NONE {
            self.nodes[next as usize].previous = node;
        }
        self.nodes[parent as usize].child = node;
        let depth = self.nodes[parent as usize].depth + 1;
        let here = &mut self.nodes[node as usize];
        *here = Node { parent, link, depth, next, previous: NONE, ..*here };
    }

    /// Moves the potentials of a subtree, all by the same, and sets its depths, from its top down.
    fn shift(&mut self, top: u32, by: C) {
        let mut node = top;
        let mut depth = self.nodes[top as usize].depth;
        loop {
            let here = &mut self.nodes[node as usize];
            here.depth = depth;
            here.potential = here.potential + by;
            let mut next = here.child;
            depth += 1;
            // Nothing below: on to the next sibling of the closest node above that has one.
            while next == NONE {
                if node == top {
                    return;
                }
                next = self.nodes[node as usize].next;
                node = self.nodes[node as usize].parent;
                depth -= 1;
            }
            node = next;
        }
    }
}
