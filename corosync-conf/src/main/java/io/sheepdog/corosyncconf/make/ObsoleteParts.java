package io.sheepdog.corosyncconf.make;

import io.sheepdog.corosyncconf.keys.KnownKey;
import io.sheepdog.corosyncconf.keys.KnownKey.Obsolete;
import io.sheepdog.corosyncconf.keys.KnownKeys;
import io.sheepdog.corosyncconf.make.Upgraded.Change;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import io.sheepdog.corosyncconf.text.LineEdits;
import io.sheepdog.corosyncconf.text.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Drops or renames, line by line, what version 3 or the new transport does not know. */
final class ObsoleteParts {
  private static final Pattern COMMENT = Pattern.compile("\\s+(#.*)$");
  private static final Map<String, String> RENAMED =
      Map.of("to_file", "to_logfile", "syslog_level", "syslog_priority");
  private static final Set<String> NOT_TRUSTED =
      Set.of("two_node", "last_man_standing", "last_man_standing_window", "allow_downscale");
  private static final Set<String> COUNTED = Set.of("expected_votes", "votes");
  private static final Set<String> CRYPTO =
      Set.of("secauth", "crypto_cipher", "crypto_hash", "crypto_model", "keyfile", "key");

  private final ConfText text;
  private final LineEdits edits;
  private final List<Change> changes;

  ObsoleteParts(ConfText text, LineEdits edits, List<Change> changes) {
    this.text = text;
    this.edits = edits;
    this.changes = changes;
  }

  /** The value alone, where a version that knew no such comments was given one. */
  static String withoutComment(String value) {
    return COMMENT.matcher(value).replaceFirst("").strip();
  }

  void drop(String transport) {
    section(text.root(), transport);
  }

  private void section(ConfSection section, String transport) {
    for (ConfEntry entry : section.entries()) {
      entry(section, entry, transport);
    }
    for (ConfSection inner : section.sections()) {
      String reason = reasonToDrop(inner, transport);
      if (reason != null) {
        edits.drop(inner);
        report(inner.first(), "dropped the section " + inner.path() + described(inner), reason);
      } else {
        section(inner, transport);
      }
    }
  }

  private static String described(ConfSection section) {
    List<String> inside = new ArrayList<>();
    section.entries().forEach(e -> inside.add(e.key() + ": " + Quoted.of(e.value())));
    section
        .sections()
        .forEach(
            inner ->
                inner.entries().forEach(e -> inside.add(e.key() + ": " + Quoted.of(e.value()))));
    return inside.isEmpty() ? "" : " (" + String.join(", ", inside) + ")";
  }

  private @Nullable String reasonToDrop(ConfSection section, String transport) {
    Obsolete obsolete = KnownKeys.obsoleteSection(section.path());
    if (obsolete != null) {
      return obsolete.why();
    }
    if (section.path().equals("logging.logger_subsys")) {
      ConfEntry subsys = section.entry("subsys");
      String name = subsys == null ? "" : withoutComment(subsys.value());
      return KnownKeys.isSubsystemOfVersion1(name) ? "that subsystem is gone" : null;
    }
    if (section.path().equals("totem.interface") && !transport.equals("knet")) {
      ConfEntry number = section.entry("ringnumber");
      number = number == null ? section.entry("linknumber") : number;
      boolean first = number == null || withoutComment(number.value()).equals("0");
      return first ? null : "transport " + transport + " has one link";
    }
    return null;
  }

  private void entry(ConfSection section, ConfEntry entry, String transport) {
    String renamed = RENAMED.get(entry.key());
    boolean logging = section.path().startsWith("logging");
    String reason = reasonToDrop(section, entry, transport);
    String value = withoutComment(entry.value());
    if (renamed != null && logging) {
      replace(entry, List.of(renamed + ": " + value), "its name is " + renamed + " today");
    } else if (reason != null) {
      edits.drop(entry.line(), entry.line());
      report(entry.line(), "dropped " + quoted(entry), reason);
    } else if (entry.key().equals("ringnumber") && section.path().equals("totem.interface")) {
      replace(entry, List.of("linknumber: " + value), "its name is linknumber today");
    } else if (KnownKeys.find(section.path(), entry.key()) != null) {
      comment(entry);
    }
  }

  private void comment(ConfEntry entry) {
    Matcher comment = COMMENT.matcher(entry.value());
    if (comment.find()) {
      String line = entry.key() + ": " + withoutComment(entry.value());
      String why = "corosync has no comments after a value";
      replace(entry, List.of(comment.group(1), line), why);
    }
  }

  private void replace(ConfEntry entry, List<String> lines, String why) {
    edits.replace(entry.line(), lines);
    report(entry.line(), "changed " + quoted(entry), why);
  }

  private @Nullable String reasonToDrop(ConfSection section, ConfEntry entry, String transport) {
    String path = section.path();
    KnownKey known = KnownKeys.find(path, entry.key());
    if (known != null && known.obsolete() != null) {
      return known.obsolete().why();
    }
    return switch (path) {
      case "totem.interface" -> ofInterface(entry, transport);
      case "totem" -> ofTotem(entry, transport);
      case "quorum" -> ofQuorum(entry);
      default -> null;
    };
  }

  private static @Nullable String ofInterface(ConfEntry entry, String transport) {
    boolean multicast = Set.of("mcastaddr", "broadcast", "ttl").contains(entry.key());
    if (entry.key().equals("bindnetaddr")) {
      return "the nodelist has the addresses today";
    }
    return multicast && !transport.equals("udp") ? "it is for multicast" : null;
  }

  private static @Nullable String ofTotem(ConfEntry entry, String transport) {
    boolean on = !Set.of("off", "none").contains(withoutComment(entry.value()));
    if (!transport.equals("knet") && on && CRYPTO.contains(entry.key())) {
      return "transport "
          + transport
          + " has no encryption any more: keep strangers out of its network, or make a file with"
          + " 'collie corosync generate --secure'";
    }
    return null;
  }

  private static @Nullable String ofQuorum(ConfEntry entry) {
    if (NOT_TRUSTED.contains(entry.key())) {
      return "less than a majority of all nodes must not decide over data";
    }
    return COUNTED.contains(entry.key()) ? "corosync counts the nodelist itself" : null;
  }

  private void report(int line, String what, String why) {
    changes.add(new Change(line, what + ": " + why));
  }

  private static String quoted(ConfEntry entry) {
    return "'" + entry.key() + ": " + Quoted.of(entry.value()) + "'";
  }
}
