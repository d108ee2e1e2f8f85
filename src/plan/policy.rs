//! The disclosure policy of a plan in words, for `explain`.

use crate::declare::DisclosureRules;

/// The policy, a line each.
pub(super) fn policy_in_words(rules: &DisclosureRules) -> Vec<String> {
    let mut lines = Vec::new();
    let said = |guards| if guards { "guarded" } else { "open" };
    match rules.protection {
        Some(own) => lines.push(format!(
            "protects a withheld n to {}, its answers yes and no to {}; the largest withheld part at most {}; people without a wijk or category {}, figures without an answer {}",
            own.n,
            own.answer,
            own.largest_part,
            said(own.guards_unplaced),
            said(own.guards_empty),
        )),
        None => lines.push("protects no withheld figure: complementary suppression is off".to_owned()),
    }
    if rules.largest_weight < 1.0 {
        lines.push(format!("         one answer at most {} of the weight of a figure", rules.largest_weight));
    }
    for rule in &rules.precision {
        let levels: Vec<&str> = rule.levels.iter().map(|level| level.as_str()).collect();
        let mut words = Vec::new();
        words.extend(rule.share.map(|step| format!("shares to {step}")));
        words.extend(rule.mean.map(|step| format!("means to {step}")));
        words.push(if rule.count > 1 {
            format!("n down to multiples of {}", rule.count)
        } else {
            "n exact".to_owned()
        });
        if !rule.hidden.is_empty() {
            let hidden: Vec<&str> = rule.hidden.iter().map(|column| column.as_str()).collect();
            words.push(format!("without {}", hidden.join(", ")));
        }
        lines.push(format!("         {}: {}", levels.join(", "), words.join(", ")));
    }
    lines.push(format!("         reasons {}; ground: {}", rules.reasons, rules.ground));
    lines
}
