use std::fmt::Write;

use anyhow::Result;
use serde_json::{Value, json};

/// What a scenario found out.
#[derive(Debug)]
pub struct Outcome {
    /// The figures for people.
    pub figures: Vec<Figure>,
    /// All that was measured.
    pub raw: Value,
}

/// One line of the table.
#[derive(Debug)]
pub struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    target: Option<Target>,
}

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    /// A figure that nothing is expected of.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, target: None }
    }

    /// The same figure with a target.
    pub fn target(self, target: impl Into<Option<Target>>) -> Self {
        Self { target: target.into(), ..self }
    }

    fn reached(&self) -> Option<bool> {
        Some(match self.target? {
            Target::AtLeast(least) => self.value >= least,
            Target::AtMost(most) => self.value <= most,
        })
    }

    fn json(&self) -> Value {
        let target = self.target.map(|target| match target {
            Target::AtLeast(least) => json!({ "at_least": least }),
            Target::AtMost(most) => json!({ "at_most": most }),
        });
        json!({
            "name": self.name, "value": self.value, "unit": self.unit,
            "target": target, "reached": self.reached(),
        })
    }
}

/// Everything that was found out.
pub struct Report {
    about: Value,
    scenarios: Vec<(&'static str, &'static str, Result<Outcome>)>,
}

impl Report {
    /// A report about this machine, commit and settings.
    pub fn new(about: Value) -> Self {
        Self { about, scenarios: Vec::new() }
    }

    /// One scenario more.
    pub fn add(&mut self, database: &'static str, scenario: &'static str, outcome: Result<Outcome>) {
        self.scenarios.push((database, scenario, outcome));
    }

    /// Whether a scenario could not be measured.
    pub fn has_failures(&self) -> bool {
        self.scenarios.iter().any(|(_, _, outcome)| outcome.is_err())
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let mut table = String::new();
        // Writing to a string cannot fail.
        _ = writeln!(
            table,
            "{:<8} {:<8} {:<44} {:>10} {:<7} {:>10}  reached",
            "database", "scenario", "figure", "value", "unit", "target"
        );
        for (database, scenario, outcome) in &self.scenarios {
            match outcome {
                Ok(outcome) => {
                    outcome.figures.iter().for_each(|figure| line(&mut table, database, scenario, figure));
                }
                Err(error) => {
                    _ = writeln!(table, "{database:<8} {scenario:<8} could not be measured: {error:#}");
                }
            }
        }
        table
    }

    /// All figures, for programs.
    pub fn json(&self) -> String {
        let scenario = |(database, name, outcome): &(&str, &str, Result<Outcome>)| match outcome {
            Ok(Outcome { figures, raw }) => {
                json!({ "database": database, "scenario": name, "figures": figures.iter().map(Figure::json).collect::<Vec<_>>(), "raw": raw })
            }
            Err(error) => json!({ "database": database, "scenario": name, "failed": format!("{error:#}") }),
        };
        let scenarios: Vec<Value> = self.scenarios.iter().map(scenario).collect();
        format!("{:#}\n", json!({ "about": self.about, "scenarios": scenarios }))
    }
}

fn line(table: &mut String, database: &str, scenario: &str, figure: &Figure) {
    let target = match figure.target {
        Some(Target::AtLeast(least)) => format!("≥ {}", number(least)),
        Some(Target::AtMost(most)) => format!("≤ {}", number(most)),
        None => String::new(),
    };
    let reached = figure.reached().map(|reached| if reached { "yes" } else { "NO" }).unwrap_or_default();
    let Figure { name, value, unit, .. } = figure;
    _ = writeln!(
        table,
        "{database:<8} {scenario:<8} {name:<44} {:>10} {unit:<7} {target:>10}  {reached}",
        number(*value)
    );
}

/// Three digits are what these measurements are worth; whole numbers stay whole.
fn number(value: f64) -> String {
    if value >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_held_against_their_targets() {
        let mut report = Report::new(Value::Null);
        let figures = vec![
            Figure::new("fast", 12_000.4, "1/s").target(Target::AtLeast(8_000.0)),
            Figure::new("slow", 7.25, "ms").target(Target::AtMost(5.0)),
            Figure::new("free", 33.33, "KiB"),
        ];
        report.add("sqlite", "sends", Ok(Outcome { figures, raw: json!({ "n": 1 }) }));
        report.add("sqlite", "idle", Err(anyhow::anyhow!("no ports")));
        let table = report.table();
        let lines: Vec<&str> = table.lines().skip(1).collect();
        assert!(lines[0].contains("12000") && lines[0].contains("≥ 8000") && lines[0].ends_with("yes"));
        assert!(lines[1].contains("7.25") && lines[1].ends_with("NO"));
        assert!(lines[2].contains("33.3"));
        assert!(lines[3].contains("could not be measured: no ports"));
        assert!(report.has_failures());
        let all: Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(all["scenarios"][0]["figures"][1]["reached"], false);
    }
}
