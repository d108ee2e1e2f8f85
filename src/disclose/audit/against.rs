//! Two releases side by side: what differs between them, and what they say together.

use std::collections::{BTreeMap, HashMap};

use super::{
    figure::{Geography, GroupKey, GroupSeen, NodeSeen, Seen, SeenStatus},
    policy::AuditPolicy,
    report::AuditCheck,
    system::known_n,
};

/// Figures of two releases as one system.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Joined {
    /// Regions and breakdowns of both.
    pub geography: Geography,
    /// Groups with the same rows in both: a figure is shown where one of them shows it.
    pub groups: Vec<GroupSeen>,
}

/// The regions and breakdowns of two releases, with where those of the second stand.
fn geographies(first: &Geography, second: &Geography) -> (Geography, Vec<u32>, Vec<u32>) {
    let mut all = first.clone();
    let mut regions: HashMap<(String, i32), u32> = HashMap::new();
    for (at, own) in all.regions.iter().enumerate() {
        regions.insert((own.code.clone(), own.year), at as u32);
    }
    let mut of_regions = Vec::with_capacity(second.regions.len());
    for own in &second.regions {
        let at = *regions.entry((own.code.clone(), own.year)).or_insert_with(|| {
            all.regions.push(own.clone());
            (all.regions.len() - 1) as u32
        });
        of_regions.push(at);
    }
    // Parents stand in the numbers of their own release; a region known to both keeps the parent of the first, or takes that of the second.
    for (own, at) in second.regions.iter().zip(&of_regions) {
        let parent = own.parent.map(|parent| of_regions[parent as usize]);
        let known = (*at as usize) < first.regions.len();
        let target = &mut all.regions[*at as usize];
        if !known || target.parent.is_none() {
            target.parent = parent;
        }
        if target.predecessors.is_empty() {
            target.predecessors.clone_from(&own.predecessors);
        }
    }
    let mut nodes: HashMap<(String, String), u32> = HashMap::new();
    for (at, own) in all.nodes.iter().enumerate() {
        nodes.insert((own.dimension.clone(), own.category.clone()), at as u32);
    }
    let mut of_nodes = Vec::with_capacity(second.nodes.len());
    for own in &second.nodes {
        let at = *nodes.entry((own.dimension.clone(), own.category.clone())).or_insert_with(|| {
            all.nodes.push(NodeSeen::clone(own));
            (all.nodes.len() - 1) as u32
        });
        of_nodes.push(at);
    }
    (all, of_regions, of_nodes)
}

/// What changed between two releases, and both as one system where they speak of the same rows.
///
/// Two groups have the same rows where every figure that both show has the same n and value; figures of other region years count as
/// rows of the same people when nothing shown contradicts it.
#[must_use]
pub fn join(first: (&Geography, &[GroupSeen]), second: (&Geography, &[GroupSeen])) -> Joined {
    let (geography, of_regions, of_nodes) = geographies(first.0, second.0);
    let groups: BTreeMap<&GroupKey, &GroupSeen> = second.1.iter().map(|group| (&group.key, group)).collect();
    let mut joined = Joined { geography, groups: Vec::new() };
    for group in first.1 {
        let Some(other) = groups.get(&group.key) else { continue };
        let mut places: HashMap<(u32, u32), usize> =
            group.figures.iter().enumerate().map(|(at, own)| ((own.region, own.node), at)).collect();
        let mut both = group.clone();
        let mut same = true;
        for figure in &other.figures {
            let mut own =
                Seen { region: of_regions[figure.region as usize], node: of_nodes[figure.node as usize], ..*figure };
            if let SeenStatus::Withheld(at) = own.status {
                // Words of the other group, by the words of this one.
                let word = other.reasons.get(usize::from(at)).cloned().unwrap_or_default();
                let place = both.reasons.iter().position(|own| *own == word).unwrap_or_else(|| {
                    both.reasons.push(word);
                    both.reasons.len() - 1
                });
                own.status = SeenStatus::Withheld(place as u8);
            }
            match places.get(&(own.region, own.node)) {
                None => {
                    places.insert((own.region, own.node), both.figures.len());
                    both.figures.push(own);
                }
                Some(at) => {
                    let known = &mut both.figures[*at];
                    match (known.status, own.status) {
                        (SeenStatus::Shown, SeenStatus::Shown) => {
                            same &= known.n == own.n && known.value == own.value && known.n_class == own.n_class;
                        }
                        // Still withheld in the first: the attack asks for it, with what the second shows as one more figure.
                        (SeenStatus::Withheld(_), SeenStatus::Shown) => *known = own,
                        _ => {}
                    }
                }
            }
        }
        if same {
            joined.groups.push(both);
        }
    }
    joined
}

/// Figures of which n changed by few, and figures that one release withholds and the other shows.
#[must_use]
pub fn changed(
    first: (&Geography, &[GroupSeen]),
    second: (&Geography, &[GroupSeen]),
    policy: &AuditPolicy,
) -> AuditCheck {
    let mut check = AuditCheck::new("against");
    let (geography, of_regions, of_nodes) = geographies(first.0, second.0);
    let groups: BTreeMap<&GroupKey, &GroupSeen> = second.1.iter().map(|group| (&group.key, group)).collect();
    for group in first.1 {
        let Some(other) = groups.get(&group.key) else { continue };
        let others: HashMap<(u32, u32), &Seen> = other
            .figures
            .iter()
            .map(|own| ((of_regions[own.region as usize], of_nodes[own.node as usize]), own))
            .collect();
        let floor = policy.floor(&group.key.collection);
        let pairs: Vec<(&Seen, &Seen)> =
            group.figures.iter().filter_map(|own| Some((own, *others.get(&(own.region, own.node))?))).collect();
        let shown = |own: &Seen| own.status == SeenStatus::Shown;
        let same_rows = pairs
            .iter()
            .filter(|(a, b)| shown(a) && shown(b))
            .all(|(a, b)| a.n == b.n && a.value == b.value && a.n_class == b.n_class);
        for (a, b) in pairs {
            check.try_one();
            let words = |what: &str| format!("{}: {what}", group.words(&geography, a));
            if shown(a) && shown(b) {
                let level = geography.regions[a.region as usize].level.as_str();
                let (a, b) = (known_n(a, policy, floor, level), known_n(b, policy, floor, level));
                // The difference lies in [b.lower − a.upper, b.upper − a.lower].
                let (low, high) = (b.lower - a.upper, b.upper - a.lower);
                let few = policy.protection_n;
                if (low > 0.0 && high < few) || (high < 0.0 && low > -few) {
                    check.break_by(|| words("n differs by few: the two figures give those few"));
                }
            } else if same_rows
                && shown(a) != shown(b)
                && (a.status != SeenStatus::Absent && b.status != SeenStatus::Absent)
            {
                let withheld = if shown(a) { (*other, b) } else { (group, a) };
                if policy.judges(withheld.0.reason(withheld.1)) {
                    check.break_by(|| words("withheld in one release and shown in the other, of the same rows"));
                }
            }
        }
    }
    check
}
