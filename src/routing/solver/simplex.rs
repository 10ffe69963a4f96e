//! A primal network simplex that starts from a given tree and can go on, with other costs, where it stopped.
//!
//! Invariant: the tree is *strongly feasible*: from the root, one more unit can be sent along the tree to any node in
//! it. Then degenerate pivots cannot cycle (Cunningham 1976; here mirrored, for the usual text sends towards the root).
//! It must not know what its nodes and arcs stand for.

use super::number;

/// The node at which every tree starts.
pub(super) const ROOT: u32 = 0;
/// No node, or no arc.
pub(super) const NONE: u32 = u32::MAX;

/// Where an arc's flow is. The sign says which way it may change: a reduced cost of the opposite sign is a gain.
type State = i8;
const AT_ZERO: State = 1;
const IN_TREE: State = 0;
const AT_CAPACITY: State = -1;

#[derive(Default)]
pub(super) struct Simplex {
    // Arcs, one array for each of what the search for an entering arc reads and the rest together with them.
    tail: Vec<u32>,
    head: Vec<u32>,
    cost: Vec<i64>,
    state: Vec<State>,
    flow: Vec<u32>,
    capacity: Vec<u32>,
    // Nodes.
    potential: Vec<i64>,
    nodes: Vec<Node>,
    /// Where the search for an entering arc goes on.
    cursor: usize,
}

/// A node's place in the tree; its children are a list through `next` and `previous`.
#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    /// The arc between this node and its parent, whichever way it points.
    link: u32,
    depth: u32,
    child: u32,
    next: u32,
    previous: u32,
}

const OUTSIDE: Node = Node { parent: NONE, link: NONE, depth: 0, child: NONE, next: NONE, previous: NONE };

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

impl Simplex {
    pub(super) fn add_node(&mut self) -> u32 {
        self.nodes.push(OUTSIDE);
        self.potential.push(0);
        number(self.nodes.len() - 1)
    }

    pub(super) fn add_arc(&mut self, tail: u32, head: u32, capacity: u32) -> u32 {
        self.tail.push(tail);
        self.head.push(head);
        self.state.push(AT_ZERO);
        self.flow.push(0);
        self.capacity.push(capacity);
        number(self.tail.len() - 1)
    }

    /// Puts an arc of the starting tree in place, with its flow: `node` hangs from the arc's tail. For the invariant, the
    /// flow must be under the arc's capacity.
    pub(super) fn hang(&mut self, node: u32, arc: u32, flow: u32) {
        self.flow[arc as usize] = flow;
        self.state[arc as usize] = IN_TREE;
        self.attach(node, self.tail[arc as usize], arc);
    }

    pub(super) fn is_hung(&self, node: u32) -> bool {
        self.nodes[node as usize].parent != NONE
    }

    pub(super) fn arcs(&self) -> usize {
        self.tail.len()
    }

    pub(super) fn flow(&self, arc: usize) -> u32 {
        self.flow[arc]
    }

    /// Moves the flow to a minimum of the costs, one for each arc.
    pub(super) fn minimise(&mut self, cost: Vec<i64>) {
        self.cost = cost;
        self.cursor = 0;
        self.refresh(ROOT);
        while let Some(arc) = self.entering() {
            self.pivot(arc);
        }
    }

    /// Keeps only the optimal face: forgets each arc whose flow is the same in every minimum. Returns the kept arcs by
    /// their former numbers, in their order.
    pub(super) fn narrow(&mut self) -> Vec<u32> {
        let kept: Vec<u32> = (0..self.tail.len())
            .filter(|&arc| self.state[arc] == IN_TREE || self.reduced_cost(arc) == 0)
            .map(number)
            .collect();
        self.arrange(&kept);
        kept
    }

    /// Deals the arcs out in steps of about √arcs, so that a block of the search holds arcs from all over the network.
    /// Returns the former numbers in the new order.
    pub(super) fn deal(&mut self) -> Vec<u32> {
        let arcs = self.tail.len();
        let step = arcs.isqrt().max(1);
        let order: Vec<u32> = (0..step).flat_map(|start| (start..arcs).step_by(step)).map(number).collect();
        self.arrange(&order);
        order
    }

    /// Puts these arcs, by their numbers, in the place of all.
    fn arrange(&mut self, order: &[u32]) {
        for (arc, &former) in order.iter().enumerate() {
            let former = former as usize;
            if self.state[former] == IN_TREE {
                let node = self.lower_end(former);
                self.nodes[node].link = number(arc);
            }
        }
        gather(&mut self.tail, order);
        gather(&mut self.head, order);
        gather(&mut self.state, order);
        gather(&mut self.flow, order);
        gather(&mut self.capacity, order);
    }

    /// Splits an arc into parallel arcs of capacity 1, so that each can have its own cost. The arc itself becomes the
    /// unit whose position it returns; the others are appended in their order. The first units carry the flow.
    pub(super) fn split(&mut self, arc: u32) -> u32 {
        let index = arc as usize;
        let (units, flow) = (self.capacity[index], self.flow[index]);
        // In the tree, by the invariant, an arc that leads to the root has flow: its last unit with flow stands in for it.
        let itself = if self.state[index] == IN_TREE { flow.saturating_sub(1) } else { 0 };
        for unit in (0..units).filter(|&unit| unit != itself) {
            let added = self.add_arc(self.tail[index], self.head[index], 1) as usize;
            if unit < flow {
                self.flow[added] = 1;
                self.state[added] = AT_CAPACITY;
            }
        }
        self.capacity[index] = 1;
        self.flow[index] = u32::from(itself < flow);
        itself
    }

    fn reduced_cost(&self, arc: usize) -> i64 {
        self.cost[arc] + self.potential[self.tail[arc] as usize] - self.potential[self.head[arc] as usize]
    }

    /// The end of a tree arc that is farther from the root.
    fn lower_end(&self, arc: usize) -> usize {
        let (tail, head) = (self.tail[arc], self.head[arc]);
        let end = if self.nodes[head as usize].parent == tail { head } else { tail };
        end as usize
    }

    /// The arc with the largest gain in the first block, from where the last search stopped, that has one.
    fn entering(&mut self) -> Option<u32> {
        let arcs = self.tail.len();
        let block = arcs.isqrt().max(64);
        let mut seen = 0;
        while seen < arcs {
            let end = (self.cursor + block).min(arcs);
            let best = self.best_in(self.cursor, end);
            seen += end - self.cursor;
            self.cursor = if end == arcs { 0 } else { end };
            if best.is_some() {
                return best;
            }
        }
        None
    }

    fn best_in(&self, start: usize, end: usize) -> Option<u32> {
        let arcs = self.cost[start..end]
            .iter()
            .zip(&self.state[start..end])
            .zip(self.tail[start..end].iter().zip(&self.head[start..end]));
        let (mut best, mut gain) = (None, 0);
        for (offset, ((&cost, &state), (&tail, &head))) in arcs.enumerate() {
            let reduced = cost + self.potential[tail as usize] - self.potential[head as usize];
            let change = i64::from(state) * reduced;
            if change < gain {
                gain = change;
                best = Some(number(start + offset));
            }
        }
        best
    }

    /// Sends what it can round the cycle that the arc closes with the tree, and swaps it for an arc that stops the rest.
    fn pivot(&mut self, entering: u32) {
        let arc = entering as usize;
        let rises = self.state[arc] == AT_ZERO;
        let (from, to) =
            if rises { (self.tail[arc], self.head[arc]) } else { (self.head[arc], self.tail[arc]) };
        let apex = self.apex(from, to);
        let limit = self.limit(arc, from, to, apex);
        if limit.units > 0 {
            self.send(limit.units, from, to, apex);
            let flow = self.flow[arc];
            self.flow[arc] = if rises { flow + limit.units } else { flow - limit.units };
        }
        let (below, above, cut) = match limit.leaving {
            Leaving::Entering => {
                self.state[arc] = -self.state[arc];
                return;
            }
            Leaving::Down(cut) => (from, to, cut),
            Leaving::Up(cut) => (to, from, cut),
        };
        let leaving = self.nodes[cut as usize].link as usize;
        self.state[leaving] = if self.flow[leaving] == 0 { AT_ZERO } else { AT_CAPACITY };
        self.state[arc] = IN_TREE;
        self.rehang(below, above, entering, cut);
    }

    /// Where the ways of two nodes to the root meet.
    fn apex(&self, mut a: u32, mut b: u32) -> u32 {
        while a != b {
            let (up_a, up_b) = (self.nodes[a as usize], self.nodes[b as usize]);
            if up_a.depth >= up_b.depth {
                a = up_a.parent;
            }
            if up_b.depth >= up_a.depth {
                b = up_b.parent;
            }
        }
        a
    }

    /// Of the arcs that stop the cycle apex → from → to → apex soonest, the first in that direction: this keeps the tree
    /// strongly feasible. So, of equals, the highest on the way down, then the entering arc, then the lowest on the way up.
    fn limit(&self, entering: usize, from: u32, to: u32, apex: u32) -> Limit {
        let mut limit = Limit { units: self.capacity[entering], leaving: Leaving::Entering };
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
        let arc = arc as usize;
        if self.tail[arc] == from { self.capacity[arc] - self.flow[arc] } else { self.flow[arc] }
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
        let arc = arc as usize;
        if self.tail[arc] == from {
            self.flow[arc] += units;
        } else {
            self.flow[arc] -= units;
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
        self.refresh(below);
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
        let child = self.nodes[node as usize].child;
        self.nodes[node as usize] = Node { parent, link, depth: 0, child, next, previous: NONE };
    }

    /// Sets depths and potentials of a subtree, from its top down, so that each link's reduced cost is zero.
    fn refresh(&mut self, top: u32) {
        let mut node = top;
        loop {
            self.set_from_parent(node);
            let mut next = self.nodes[node as usize].child;
            // Nothing below: on to the next sibling of the closest node above that has one.
            while next == NONE {
                if node == top {
                    return;
                }
                next = self.nodes[node as usize].next;
                node = self.nodes[node as usize].parent;
            }
            node = next;
        }
    }

    fn set_from_parent(&mut self, node: u32) {
        let Node { parent, link, .. } = self.nodes[node as usize];
        if parent == NONE {
            return;
        }
        let (above, cost) = (self.potential[parent as usize], self.cost[link as usize]);
        let forward = self.tail[link as usize] == parent;
        self.potential[node as usize] = if forward { above + cost } else { above - cost };
        self.nodes[node as usize].depth = self.nodes[parent as usize].depth + 1;
    }
}

fn gather<T: Copy>(all: &mut Vec<T>, order: &[u32]) {
    *all = order.iter().map(|&former| all[former as usize]).collect();
}
