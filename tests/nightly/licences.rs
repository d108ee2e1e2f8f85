//! What we build on has a licence of the list in `deny.toml` and comes from crates.io, as far as can be told without a network. Advisories need one:
//! `cargo deny check`.

use std::process::Command;

use serde_json::Value;

use crate::cli::support::root;

/// The licences that `deny.toml` allows.
fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let list = text.split_once("allow = [").unwrap().1.split_once(']').unwrap().0;
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether an SPDX expression can be met: one of an `OR`, all of an `AND`; brackets, and the old `/` for `OR`.
fn is_met(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.trim();
    let inner = expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    if let Some(inner) = inner
        && depths(inner).all(|depth| depth >= 0)
    {
        return is_met(inner, allowed);
    }
    let parts = |mark: &str| {
        let mut cuts = vec![0];
        let outside: Vec<i32> = depths(expression).collect();
        for (at, _) in expression.match_indices(mark) {
            if outside[at] == 0 {
                cuts.extend([at, at + mark.len()]);
            }
        }
        cuts.push(expression.len());
        cuts.chunks(2).map(|cut| &expression[cut[0]..cut[1]]).collect::<Vec<_>>()
    };
    for mark in [" OR ", "/"] {
        if parts(mark).len() > 1 {
            return parts(mark).into_iter().any(|part| is_met(part, allowed));
        }
    }
    if parts(" AND ").len() > 1 {
        return parts(" AND ").into_iter().all(|part| is_met(part, allowed));
    }
    allowed.iter().any(|own| own == expression)
}

/// How many brackets are open at each byte.
fn depths(text: &str) -> impl Iterator<Item = i32> {
    text.bytes().scan(0, |depth, byte| {
        *depth += i32::from(byte == b'(') - i32::from(byte == b')');
        Some(*depth)
    })
}

#[test]
fn expressions_are_met_by_one_of_an_or_and_all_of_an_and() {
    let allowed = ["MIT".to_owned(), "Unicode-3.0".to_owned()];
    for good in ["MIT", "GPL-3.0 OR MIT", "(GPL-3.0 OR MIT) AND Unicode-3.0", "Apache-2.0/MIT", "MIT AND (MIT OR X)"] {
        assert!(is_met(good, &allowed), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Unicode-3.0) AND GPL-3.0", "", "MIT-0"] {
        assert!(!is_met(bad, &allowed), "{bad}");
    }
}

#[test]
fn every_crate_has_a_licence_of_the_list_and_comes_from_the_registry() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    if !output.status.success() {
        // Crates of other systems need not be here.
        eprintln!("SKIPPED: cargo knows not every crate without a network");
        return;
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let allowed = allowed();
    assert!(allowed.len() > 5);
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_met(licence, &allowed) {
            wrong.push(format!("{name}: licence `{licence}`"));
        }
        let source = package["source"].as_str();
        let from_registry = source.is_some_and(|source| source.contains("github.com/rust-lang/crates.io-index"));
        if !from_registry && name != "wijkpeil" {
            wrong.push(format!("{name}: from {}", source.unwrap_or("a folder")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
