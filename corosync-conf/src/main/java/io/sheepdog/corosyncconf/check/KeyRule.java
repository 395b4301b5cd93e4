package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.keys.KnownKey;
import io.sheepdog.corosyncconf.keys.KnownKey.Obsolete;
import io.sheepdog.corosyncconf.keys.KnownKeys;
import io.sheepdog.corosyncconf.keys.Suggestion;
import io.sheepdog.corosyncconf.keys.ValueType;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import io.sheepdog.corosyncconf.text.Quoted;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Each key and section by itself: known, in force, a value that it may have, no comment after it.
 */
final class KeyRule implements Rule {
  /** A number sign that a reader takes for the beginning of a comment. */
  static final Pattern COMMENT = Pattern.compile("\\s#");

  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    section(text.root(), findings);
  }

  private void section(ConfSection section, Findings findings) {
    Map<String, ConfEntry> earlier = new HashMap<>();
    for (ConfEntry entry : section.entries()) {
      ConfEntry first = earlier.putIfAbsent(entry.key(), entry);
      if (first != null) {
        findings.warning(
            entry.line(),
            "duplicate-key",
            "'" + entry.key() + "' is there twice, first in line " + first.line(),
            "corosync takes the last one",
            "remove one of them");
      }
      entry(section, entry, findings);
    }
    for (ConfSection inner : section.sections()) {
      if (isWorthALook(inner, findings)) {
        section(inner, findings);
      }
    }
  }

  private void entry(ConfSection section, ConfEntry entry, Findings findings) {
    KnownKey known = KnownKeys.find(section.path(), entry.key());
    if (known == null) {
      unknown(section, entry, findings);
      return;
    }
    Obsolete obsolete = known.obsolete();
    if (obsolete != null) {
      String what = Findings.quoted(entry) + " has no effect";
      findings.warning(entry.line(), "obsolete-key", what, obsolete.why(), obsolete.remedy());
      return;
    }
    value(entry, known.type(), findings);
  }

  private static void value(ConfEntry entry, ValueType type, Findings findings) {
    String value = entry.value();
    if (COMMENT.matcher(value).find() || value.startsWith("#")) {
      findings.error(
          entry.line(),
          "trailing-comment",
          "the value of '" + entry.key() + "' has a comment after it",
          "corosync has no comments after a value; it takes all of '" + Quoted.of(value) + "'",
          "put the comment on a line of its own");
      return;
    }
    String complaint = type.complaint(value);
    if (complaint != null) {
      findings.error(
          entry.line(),
          "bad-value",
          Findings.quoted(entry) + " is not a value that it can have",
          complaint,
          value.endsWith("}") ? "begin a new line before the '}'" : "correct the value");
    }
  }

  private static void unknown(ConfSection section, ConfEntry entry, Findings findings) {
    if (KnownKeys.isFree(section.path())) {
      return;
    }
    List<String> names =
        KnownKeys.all().stream()
            .filter(key -> key.section().equals(section.path()) && key.obsolete() == null)
            .map(KnownKey::name)
            .toList();
    String near = Suggestion.of(entry.key(), names);
    String what = "corosync knows no key '" + Quoted.of(entry.key()) + "'" + in(section);
    String why = "it ignores the line silently";
    if (near != null) {
      findings.error(entry.line(), "unknown-key", what, why, "did you mean '" + near + "'?");
      return;
    }
    String home = homeOf(entry.key());
    if (home != null) {
      String remedy = "move it into a section " + home.replace(".", " { ") + " {";
      findings.error(entry.line(), "misplaced-key", what, why, remedy);
      return;
    }
    findings.warning(entry.line(), "unknown-key", what, why, "remove it, or correct its name");
  }

  private static String in(ConfSection section) {
    return section.path().isEmpty() ? " outside of sections" : " in " + section.path();
  }

  private static @Nullable String homeOf(String name) {
    for (KnownKey key : KnownKeys.all()) {
      if (key.name().equals(name) && key.obsolete() == null) {
        return key.section();
      }
    }
    return null;
  }

  private static boolean isWorthALook(ConfSection section, Findings findings) {
    Obsolete obsolete = KnownKeys.obsoleteSection(section.path());
    if (obsolete != null) {
      findings.warning(
          section.first(),
          "obsolete-section",
          "the section '" + section.path() + "' has no effect",
          obsolete.why(),
          obsolete.remedy());
      return false;
    }
    if (KnownKeys.hasSection(section.path())) {
      return true;
    }
    List<String> paths = KnownKeys.all().stream().map(KnownKey::section).distinct().toList();
    String near = Suggestion.of(section.path(), paths);
    String what = "corosync knows no section '" + Quoted.of(section.path()) + "'";
    String why = "it ignores the section silently";
    if (near != null) {
      String remedy = "did you mean '" + near.substring(near.lastIndexOf('.') + 1) + "'?";
      findings.error(section.first(), "unknown-section", what, why, remedy);
    } else if (section.path().contains(".") && KnownKeys.hasSection(section.name())) {
      String remedy =
          "a '}' is missing before this line: '"
              + section.name()
              + "' is a section "
              + "of its own";
      findings.error(section.first(), "misplaced-section", what, why, remedy);
    } else {
      String remedy = "remove it, or correct its name";
      findings.warning(section.first(), "unknown-section", what, why, remedy);
    }
    return false;
  }
}
