package io.sheepdog.daemon.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sheepdog.daemon.options.SheepOptions.Command;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class SheepOptionsTest {

  private static Command parse(String line) throws OptionException {
    return SheepOptions.parse(List.of(line.split(" ")));
  }

  private static SheepOptions run(String line) throws OptionException {
    return ((Command.Run) parse(line)).options();
  }

  private static OptionException refused(String line) {
    OptionException refusal = catchThrowableOfType(OptionException.class, () -> parse(line));
    assertThat(refusal).as(line).isNotNull();
    return refusal;
  }

  @Test
  void onlyAPathGivesTheDefaults() throws OptionException {
    assertThat(run("/store_dir"))
        .isEqualTo(
            new SheepOptions(
                Path.of("/store_dir"),
                7000,
                false,
                new LogOptions(LogLevel.INFO, null, LogFormat.SERVER, false),
                null,
                null,
                OptionalLong.empty(),
                false,
                0,
                false,
                new ClusterOption(ClusterDriverName.COROSYNC, ""),
                NbdOption.DEFAULT,
                null,
                null,
                new RecoveryOption(0, 0),
                4));
    assertThat(NbdOption.DEFAULT).hasToString("127.0.0.1:10809");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--port 7001 /store_dir -d",
        "/store_dir -p 7001 -d",
        "-dp7001 /store_dir",
        "-dp 7001 -- /store_dir",
        "--port=7001 --debug /store_dir",
        "--po 7001 --de /store_dir",
        "-p 7001 -l 7 /store_dir",
        "-p 7001 --loglevel 7 /store_dir",
        "-p 7001 --loglevel=debug /store_dir",
        "-p 7001 -l level=debug /store_dir/",
        "-p 7001 --log level=debug,format=server,dst=default /store_dir",
        "-p 7000 -p 7001 -d /store_dir",
        "-p 7001 --l 7 /store_dir"
      })
  void optionsAndPathComeInAnyOrderAndSpelling(String line) throws OptionException {
    SheepOptions options = run(line);
    assertThat(options.store()).isEqualTo(Path.of("/store_dir"));
    assertThat(options.port()).isEqualTo(7001);
    assertThat(options.log().level()).isEqualTo(LogLevel.DEBUG);
  }

  @Test
  void everyOptionHasItsEffect(@TempDir Path directory) throws Exception {
    SheepOptions options =
        run(
            "-f -g -n -b ::1 -y 192.0.2.7 -z 4294967295 -c local:blue -P run/pid -R max=5,interval=100 -S 25 -l dir="
                + directory
                + ",format=json /s");
    assertThat(options.foreground()).isTrue();
    assertThat(options.gateway()).isTrue();
    assertThat(options.nosync()).isTrue();
    assertThat(options.bindAddress()).isEqualTo(InetAddress.getByName("::1"));
    assertThat(options.myAddress()).isEqualTo(InetAddress.getByName("192.0.2.7"));
    assertThat(options.zone()).hasValue(4294967295L);
    assertThat(options.cluster()).isEqualTo(new ClusterOption(ClusterDriverName.LOCAL, "blue"));
    assertThat(options.pidFile()).isAbsolute().endsWithRaw(Path.of("run/pid"));
    assertThat(options.recovery()).isEqualTo(new RecoveryOption(5, 100));
    assertThat(options.scrubMib()).isEqualTo(25);
    assertThat(run("--scrub-rate=0 /s").scrubMib()).isZero();
    assertThat(options.log().directory()).isEqualTo(directory);
    assertThat(options.log().format()).isEqualTo(LogFormat.JSON);
  }

  @Test
  void theNumberOfVirtualNodesIsFixedOrNot() throws OptionException {
    assertThat(run("/s").vnodes()).isZero();
    assertThat(run("-V 1 /s").vnodes()).isEqualTo(1);
    assertThat(run("--vnodes 65535 /s").vnodes()).isEqualTo(65535);
  }

  @Test
  void theThrottleOfRecoveryTakesTheLargestNumbersAndEitherAlone() throws OptionException {
    assertThat(run("--recovery=interval=9223372036854775807,max=4294967295 /s").recovery())
        .isEqualTo(new RecoveryOption(-1, Long.MAX_VALUE));
    assertThat(run("-R max=7 /s").recovery()).isEqualTo(new RecoveryOption(7, 0));
  }

  @Test
  void logToStandardOutputStaysInTheForeground() throws OptionException {
    assertThat(run("-l dst=stdout /s").foreground()).isTrue();
  }

  @Test
  void relativePathBecomesAbsolute() throws OptionException {
    assertThat(run("store").store()).isEqualTo(Path.of("store").toAbsolutePath());
  }

  @ParameterizedTest
  @ValueSource(strings = {"-h", "--help", "--he", "/s -p 7001 -h", "-fh"})
  void helpIsShown(String line) throws OptionException {
    assertThat(parse(line)).isEqualTo(new Command.Help());
  }

  @ParameterizedTest
  @ValueSource(strings = {"-v", "--version", "--ver"})
  void versionIsShown(String line) throws OptionException {
    assertThat(parse(line)).isEqualTo(new Command.Version());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-p 0 /s | Invalid port number '0'",
        "-p 65536 /s | Invalid port number '65536'",
        "-p x /s | Invalid port number 'x'",
        "-p -1 /s | Invalid port number '-1'",
        "-p 7000x /s | Invalid port number '7000x'",
        "-b localhost /s | Bad address 'localhost'",
        "-b 1.2.3 /s | Bad address '1.2.3'",
        "-y no-such-host.invalid /s | Invalid address: 'no-such-host.invalid'",
        "-V 0 /s | Invalid number of vnodes '0': must be an integer between 1 and 65535",
        "--vnodes=65536 /s | Invalid number of vnodes '65536': must be an integer between 1 and 65535",
        "-g -V 7 /s | Options '-g' and '-V' can not be both specified",
        "-V 7 /s -g | Options '-g' and '-V' can not be both specified",
        "-z 4294967296 /s | Invalid zone id '4294967296': must be an integer between 0 and 4294967295",
        "-z -1 /s | Invalid zone id '-1': must be an integer between 0 and 4294967295",
        "-c zoo /s | Invalid cluster driver 'zoo'",
        "-c locale /s | Invalid cluster driver 'locale'",
        "-l 8 /s | Invalid log level '8'",
        "-l loud /s | Invalid log level 'loud'",
        "-l level=loud /s | Invalid log level 'loud'",
        "-l format=xml /s | invalid log format: xml",
        "-l dst=printer /s | invalid log destination: printer",
        "-l dst=syslog /s | log destination 'syslog' is not supported yet",
        "-l dir=/no/such/directory /s | log directory '/no/such/directory' does not exist",
        "-l level=info,colour=red /s | invalid option colour=red",
        "-R max=-1 /s | Invalid max (-1): must be an integer between 0 and 4294967295",
        "-R max=4294967296,interval=1 /s | Invalid max (4294967296)",
        "-R max=1,interval=9223372036854775808 /s | Invalid interval (9223372036854775808)",
        "-R interval= /s | Invalid interval ()",
        "-R fast /s | invalid option fast",
        "-S fast /s | Invalid scrub rate 'fast': must be an integer between 0 and 1048576",
        "--scrub-rate 1048577 /s | Invalid scrub rate '1048577'",
        "-R max=1,speed=2 /s | invalid option speed=2",
        "--prot 7000 /s | unknown option '--prot'; did you mean '--port'?",
        "--forground /s | unknown option '--forground'; did you mean '--foreground'?",
        "--xyzzy /s | unknown option '--xyzzy'",
        "--nbd 0 /s | Invalid port number '0'",
        "--nbd host:10809 /s | Bad address 'host'",
        "--nbd 10809:127.0.0.1 /s | Invalid port number '127.0.0.1'",
        "--nbd-tls ,verify /s | Bad value ',verify' of --nbd-tls",
        "-k /s | unknown option '-k'",
        "--p 7000 /s | option '--p' is ambiguous; it could be '--port' or '--pidfile'",
        "/s -p | option '-p' needs a value: -p PORT",
        "/s --zone | option '--zone' needs a value: --zone ID",
        "--gateway=yes /s | option '--gateway' takes no value",
        "/s /t | one PATH only, not '/s' and '/t'",
        "/s,/disk1 | several disks (PATH,DISK,...) are not supported yet",
        "-f | PATH, the directory of the store, is missing",
      })
  void mistakesAreSaid(String line, String message) {
    assertThat(refused(line)).hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-D",
        "-i host=a,port=1",
        "-j size=64M",
        "-r host=a",
        "-u",
        "-w net=1",
        "-W",
        "-x 3",
        "--journal=size=64M"
      })
  void optionsOfLaterVersionsAreNamed(String line) {
    String letter = line.startsWith("--") ? "j" : line.substring(1, 2);
    assertThat(refused(line + " /s"))
        .hasMessageStartingWith("option '-" + letter + ", --")
        .hasMessageContaining("is not supported yet");
  }

  @Test
  void nbdListensWhereItIsTold() throws OptionException {
    assertThat(run("--nbd 11000 /s").nbd()).hasToString("127.0.0.1:11000");
    assertThat(run("-N 10.0.0.1:11000 /s").nbd()).hasToString("10.0.0.1:11000");
    assertThat(run("--nbd [::1]:11000 /s").nbd()).hasToString("[0:0:0:0:0:0:0:1]:11000");
    assertThat(run("--nbd 11000 /s").nbd().given()).isTrue();
    assertThat(run("--nbd off /s").nbd().enabled()).isFalse();
    assertThat(run("--nbd-tls /pki /s").nbdTls())
        .isEqualTo(new NbdTlsOption(Path.of("/pki"), false));
    assertThat(run("-T /pki,verify /s").nbdTls())
        .isEqualTo(new NbdTlsOption(Path.of("/pki"), true));
  }

  @Test
  void whatIsAllowedIsListedWithTheMistake() {
    assertThat(refused("-c zoo /s").explanation())
        .isEqualTo("Supported cluster drivers: corosync local");
    assertThat(refused("-l loud /s").explanation())
        .isEqualTo("Available log levels: 0..7 or emerg alert crit err warning notice info debug");
  }

  @Test
  void helpNamesEverySupportedOptionAndFitsATerminal() {
    String help = HelpText.help();
    for (Option option : Option.values()) {
      String spelling = "-" + option.letter() + ", --" + option.longName();
      assertThat(help.contains(spelling)).as(spelling).isEqualTo(option.supported());
    }
    assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
  }

  @Test
  void lettersAndNamesAreUnique() {
    assertThat(Option.values()).extracting(Option::letter).doesNotHaveDuplicates();
    assertThat(Option.values()).flatExtracting(Option::longNames).doesNotHaveDuplicates();
  }
}
