//! In which order operations can be done.
//!
//! The order of the request, except that whoever waits for another comes after it. Those that wait for each other come
//! together. Linear in the number of operations and references, and without recursion: a client chooses the graph.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Operations that are done together: one, or several that wait for each other.
pub(super) type Together = Vec<usize>;

/// Puts operations in order. `waits_for[n]` are those that operation `n` comes after.
pub(super) fn steps(waits_for: &[Vec<usize>]) -> Vec<Together> {
    let circles = circles(waits_for);
    let mut circle_of = vec![0; waits_for.len()];
    for (number, circle) in circles.iter().enumerate() {
        for operation in circle {
            circle_of[*operation] = number;
        }
    }
    let mut missing = vec![0_usize; circles.len()];
    let mut waiting_for_it: Vec<Vec<usize>> = vec![Vec::new(); circles.len()];
    for (operation, others) in waits_for.iter().enumerate() {
        for other in others {
            let (mine, its) = (circle_of[operation], circle_of[*other]);
            if mine != its {
                missing[mine] += 1;
                waiting_for_it[its].push(mine);
            }
        }
    }
    // Those that come together come where the last of them stands in the request.
    let place = |number: usize| Reverse((circles[number].last().copied(), number));
    let mut ready: BinaryHeap<_> = (0..circles.len()).filter(|number| missing[*number] == 0).map(place).collect();
    let mut steps = Vec::with_capacity(circles.len());
    while let Some(Reverse((_, number))) = ready.pop() {
        steps.push(circles[number].clone());
        for waiting in &waiting_for_it[number] {
            missing[*waiting] -= 1;
            if missing[*waiting] == 0 {
                ready.push(place(*waiting));
            }
        }
    }
    steps
}

/// The operations, those together that wait for each other: strongly connected components, by Kosaraju's algorithm.
fn circles(waits_for: &[Vec<usize>]) -> Vec<Together> {
    let mut waiting_for_it: Vec<Vec<usize>> = vec![Vec::new(); waits_for.len()];
    for (operation, others) in waits_for.iter().enumerate() {
        for other in others {
            waiting_for_it[*other].push(operation);
        }
    }
    let mut seen = vec![false; waits_for.len()];
    let mut finished = Vec::with_capacity(waits_for.len());
    for operation in 0..waits_for.len() {
        visit(operation, waits_for, &mut seen, &mut finished);
    }
    let mut seen = vec![false; waits_for.len()];
    let mut circles = Vec::new();
    for operation in finished.into_iter().rev() {
        let mut circle = Vec::new();
        visit(operation, &waiting_for_it, &mut seen, &mut circle);
        if !circle.is_empty() {
            circle.sort_unstable();
            circles.push(circle);
        }
    }
    circles
}

/// Goes depth first through what is not seen yet; `finished` gets each operation after all that are behind it.
fn visit(start: usize, edges: &[Vec<usize>], seen: &mut [bool], finished: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut path = vec![(start, 0)];
    while let Some((operation, next)) = path.last_mut() {
        match edges[*operation].get(*next) {
            Some(&other) => {
                *next += 1;
                if !std::mem::replace(&mut seen[other], true) {
                    path.push((other, 0));
                }
            }
            None => {
                finished.push(*operation);
                path.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_7644_3_7_09_the_order_of_the_request_unless_somebody_waits() {
        for (waits_for, expected) in [
            (vec![vec![], vec![], vec![]], vec![vec![0], vec![1], vec![2]]),
            (vec![vec![2], vec![], vec![], vec![]], vec![vec![1], vec![2], vec![0], vec![3]]),
            (vec![vec![1], vec![2], vec![3], vec![]], vec![vec![3], vec![2], vec![1], vec![0]]),
            (vec![vec![2], vec![], vec![0], vec![0]], vec![vec![1], vec![0, 2], vec![3]]),
            (vec![vec![0, 0], vec![0, 0]], vec![vec![0], vec![1]]),
            (vec![vec![1], vec![0], vec![3], vec![2], vec![0, 3]], vec![vec![0, 1], vec![2, 3], vec![4]]),
        ] {
            assert_eq!(steps(&waits_for), expected, "{waits_for:?}");
        }
        assert!(steps(&[]).is_empty());
    }

    #[test]
    fn sec_33_a_chain_and_a_ring_of_any_length_need_no_stack() {
        let length = 200_000;
        let chain: Vec<Vec<usize>> = (0..length).map(|n| if n + 1 < length { vec![n + 1] } else { vec![] }).collect();
        assert_eq!(steps(&chain).len(), length);
        let ring: Vec<Vec<usize>> = (0..length).map(|n| vec![(n + 1) % length]).collect();
        assert_eq!(steps(&ring).len(), 1);
    }
}
