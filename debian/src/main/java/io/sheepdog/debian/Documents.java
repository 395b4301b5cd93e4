package io.sheepdog.debian;

import io.sheepdog.cli.CommandModel;
import io.sheepdog.cli.Profile;
import io.sheepdog.daemon.options.HelpText;
import io.sheepdog.daemon.options.OptionHelp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;

/**
 * Entry point of the build: fills the templates of the manual pages and writes the completions of
 * bash. A template is a manual page with lines {@code @NAME@} for what the programs know
 * themselves.
 */
public final class Documents {
  private static final int ARGUMENTS = 3;

  private Documents() {}

  /**
   * Writes everything.
   *
   * @param args directory of the templates, directory for the results, version of the programs
   */
  public static void main(String[] args) throws IOException {
    if (args.length != ARGUMENTS) {
      throw new IllegalArgumentException("usage: Documents TEMPLATES RESULTS VERSION");
    }
    Path templates = Path.of(args[0]);
    Path results = Path.of(args[1]);
    String version = args[2];
    Path pages = Files.createDirectories(results.resolve("man"));
    for (Profile profile : Profile.values()) {
      String name = profile == Profile.DOG ? "dog.1" : "collie.8";
      Map<String, String> parts =
          Map.of(
              "VERSION", version,
              "COMMANDS", ToolPage.commands(profile),
              "COMMON OPTIONS", ToolPage.options(CommandModel.commonOptions()));
      write(pages.resolve(name), fill(templates.resolve(name), parts));
    }
    Map<String, String> parts = Map.of("VERSION", version, "OPTIONS", daemonOptions());
    write(pages.resolve("sheep.8"), fill(templates.resolve("sheep.8"), parts));

    Path completions = Files.createDirectories(results.resolve("completions"));
    for (Profile profile : Profile.values()) {
      String command = profile.command();
      CommandLine model = new CommandLine(CommandModel.of(profile));
      // it is sourced, never run
      String script = AutoComplete.bash(command, model).replaceFirst("^#!.*\n", "");
      write(completions.resolve(command), script);
    }
    write(completions.resolve("sheep"), daemonCompletion());
  }

  private static String daemonOptions() {
    Roff roff = new Roff();
    for (OptionHelp option : HelpText.options()) {
      String defaultValue = option.defaultValue();
      String text =
          option.meaning() + (defaultValue == null ? "" : " (default: " + defaultValue + ")");
      roff.option(List.of("-" + option.letter(), "--" + option.longName()), option.value(), text);
    }
    return roff.toString();
  }

  /** Options, and the names of files and directories for everything else. */
  private static String daemonCompletion() {
    String options =
        HelpText.options().stream()
            .map(option -> "--" + option.longName())
            .collect(Collectors.joining(" "));
    return "# bash completion of sheep\ncomplete -o default -W '" + options + "' sheep\n";
  }

  private static String fill(Path template, Map<String, String> parts) throws IOException {
    String page = Files.readString(template, StandardCharsets.UTF_8);
    for (Map.Entry<String, String> part : parts.entrySet()) {
      String mark = "@" + part.getKey() + "@";
      if (!page.contains(mark)) {
        throw new IOException(template + " has no " + mark);
      }
      page = page.replace(mark, part.getValue().stripTrailing());
    }
    return page;
  }

  private static void write(Path path, String text) throws IOException {
    Files.writeString(path, text, StandardCharsets.UTF_8);
  }
}
