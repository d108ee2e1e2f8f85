//! Files that make a pipeline a nightly job: what `print` writes. Nothing is installed; who runs the machine reads them and puts them where they
//! belong.

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::args::Arguments;

/// What can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum What {
    /// A systemd service that runs the pipeline once
    SystemdService,
    /// A systemd timer that starts the service every night
    SystemdTimer,
    /// A task for the Windows Task Scheduler, as XML for `schtasks /Create /XML`
    WindowsTask,
    /// A line for crontab
    Cron,
    /// The man page
    Man,
    /// Completions for bash
    Bash,
    /// Completions for zsh
    Zsh,
    /// Completions for fish
    Fish,
    /// Completions for PowerShell
    Powershell,
}

/// What a job runs, and when.
#[derive(Debug, clap::Args)]
pub(super) struct JobArguments {
    /// Pipeline file, as an absolute path on the machine of the job
    #[arg(long, default_value = "/srv/wijkpeil/pipelines/pipeline.toml")]
    pipeline: String,
    /// Folder of the releases, as an absolute path
    #[arg(long, default_value = "/srv/wijkpeil/out")]
    out: String,
    /// The program, as an absolute path
    #[arg(long, default_value = "/usr/local/bin/wijkpeil")]
    program: String,
    /// Account of the job; it owns the folder of the releases and may read the data
    #[arg(long, default_value = "wijkpeil")]
    user: String,
    /// When the job starts, local time
    #[arg(long, default_value = "02:00", value_parser = time)]
    at: (u8, u8),
}

/// A time of the day as `HH:MM`.
fn time(text: &str) -> Result<(u8, u8), String> {
    let wrong = || "write it as 02:00".to_owned();
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let (hour, minute): (u8, u8) = (hour.parse().map_err(|_| wrong())?, minute.parse().map_err(|_| wrong())?);
    if hour < 24 && minute < 60 { Ok((hour, minute)) } else { Err(wrong()) }
}

/// The text of a file, or why there is none.
pub(super) fn file(what: What, job: &JobArguments) -> Result<String, String> {
    let named = [&job.pipeline, &job.out, &job.program, &job.user];
    if let Some(name) = named.iter().find(|name| name.contains(char::is_control)) {
        return Err(format!("{name:?} holds a line break or another control character, which has no place in a name"));
    }
    Ok(match what {
        What::SystemdService => service(job),
        What::SystemdTimer => timer(job),
        What::WindowsTask => windows(job),
        What::Cron => cron(job),
        What::Man => man().map_err(|error| error.to_string())?,
        What::Bash => completions(Shell::Bash),
        What::Zsh => completions(Shell::Zsh),
        What::Fish => completions(Shell::Fish),
        What::Powershell => completions(Shell::PowerShell),
    })
}

fn completions(shell: Shell) -> String {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "wijkpeil", &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The man page, a page per verb behind it.
fn man() -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let command = Arguments::command();
    clap_mangen::Man::new(command.clone()).render(&mut bytes)?;
    for verb in command.get_subcommands() {
        let name = format!("wijkpeil-{}", verb.get_name());
        clap_mangen::Man::new(verb.clone()).title(name).render(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A word of a unit file: in quotes, without the signs that systemd replaces.
fn unit_word(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$"))
}

/// A path of a unit file, where systemd knows no quotes but percent signs.
fn unit_path(text: &str) -> String {
    unit_word(text).replace("$$", "$")
}

fn service(job: &JobArguments) -> String {
    let (program, pipeline, out) = (unit_word(&job.program), unit_word(&job.pipeline), unit_word(&job.out));
    let (place, cache) = (unit_path(&job.out), unit_path(&format!("{}.cache", job.out.trim_end_matches('/'))));
    format!(
        "[Unit]
Description=wijkpeil: health-monitor files to a release of parquet tables
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
ExecStart={program} run {pipeline} --out {out} --log json
User={user}
# What the job writes is for its own account; a public release sets its own modes.
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
# Both folders must be there before the job runs for the first time.
ReadWritePaths={place} {cache}
# 14, another run holds the folder, is tried again. Every other code needs a person first.
Restart=on-failure
RestartSec=15min
RestartPreventExitStatus=1 2 10 11 12 13
",
        user = job.user.replace('%', "%%"),
    )
}

fn timer(job: &JobArguments) -> String {
    let (hour, minute) = job.at;
    format!(
        "[Unit]
Description=wijkpeil every night

[Timer]
OnCalendar=*-*-* {hour:02}:{minute:02}:00
# A night in which the machine was off is caught up with.
Persistent=true
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"
    )
}

/// A word of a command line of a Bourne shell in a crontab, where a percent sign ends the line.
fn cron_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''")).replace('%', "\\%")
}

fn cron(job: &JobArguments) -> String {
    let (hour, minute) = job.at;
    let [program, pipeline, out] = [&job.program, &job.pipeline, &job.out].map(|text| cron_word(text));
    format!("{minute} {hour} * * * umask 077; {program} run {pipeline} --out {out} --log json\n")
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn windows(job: &JobArguments) -> String {
    let (hour, minute) = job.at;
    // A quote cannot be part of a Windows path.
    let word = |text: &str| format!("\"{}\"", text.replace('"', ""));
    let arguments = format!("run {} --out {} --log json", word(&job.pipeline), word(&job.out));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<Task version=\"1.3\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">
  <RegistrationInfo><Description>wijkpeil every night</Description></RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-01T{hour:02}:{minute:02}:00</StartBoundary>
      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Principals><Principal id=\"job\"><UserId>{user}</UserId><LogonType>Password</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <StartWhenAvailable>true</StartWhenAvailable>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <ExecutionTimeLimit>PT6H</ExecutionTimeLimit>
  </Settings>
  <Actions Context=\"job\"><Exec><Command>{program}</Command><Arguments>{arguments}</Arguments></Exec></Actions>
</Task>
",
        user = xml(&job.user),
        program = xml(&job.program),
        arguments = xml(&arguments),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(pipeline: &str) -> JobArguments {
        JobArguments {
            pipeline: pipeline.to_owned(),
            out: "/srv/out".to_owned(),
            program: "/usr/bin/wijkpeil".to_owned(),
            user: "ggd".to_owned(),
            at: (2, 5),
        }
    }

    #[test]
    fn no_sign_of_a_path_becomes_a_command() {
        let job = job("/srv/it's 100% \"$HOME\" & <b>.toml");
        let service = file(What::SystemdService, &job).unwrap();
        assert!(service.contains(r#"run "/srv/it's 100%% \"$$HOME\" & <b>.toml" --out"#), "{service}");
        let cron = file(What::Cron, &job).unwrap();
        assert!(cron.starts_with("5 2 * * * umask 077; "), "{cron}");
        assert!(cron.contains(r#"run '/srv/it'\''s 100\% "$HOME" & <b>.toml' --out"#), "{cron}");
        let task = file(What::WindowsTask, &job).unwrap();
        assert!(task.contains("it's 100% $HOME &amp; &lt;b&gt;.toml&quot; --out"), "{task}");
        assert!(file(What::Cron, &JobArguments { out: "/srv\nreboot".to_owned(), ..job }).is_err());
    }

    #[test]
    fn a_time_is_a_time_of_the_day() {
        assert_eq!((time("02:05"), time("23:59")), (Ok((2, 5)), Ok((23, 59))));
        assert!(["24:00", "2", "02:60", "-1:00", "a:b"].iter().all(|text| time(text).is_err()));
    }

    #[test]
    fn completions_and_man_page_know_every_verb() {
        let man = file(What::Man, &job("p")).unwrap();
        for verb in Arguments::command().get_subcommands() {
            let name = verb.get_name();
            assert!(man.contains(name), "{name}");
            for shell in [What::Bash, What::Zsh, What::Fish, What::Powershell] {
                assert!(file(shell, &job("p")).unwrap().contains(name), "{shell:?} {name}");
            }
        }
    }
}
