package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What several rules read from a file.
 *
 * @param text the file
 */
record Totem(ConfText text) {
  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");

  /** {@code knet} if the file does not say. */
  String transport() {
    String transport = text.value("totem", "transport");
    return transport == null ? "knet" : transport;
  }

  boolean isMulticast() {
    return transport().equals("udp");
  }

  boolean isKnet() {
    return transport().equals("knet");
  }

  List<ConfSection> interfaces() {
    return text.sections("totem.interface");
  }

  List<ConfSection> nodes() {
    return text.sections("nodelist.node");
  }

  /** Where something belongs that is missing: the last section of that path, else the end. */
  int lineOf(String path) {
    List<ConfSection> sections = text.sections(path);
    return sections.isEmpty() ? text.lastLine() : sections.get(sections.size() - 1).first();
  }

  /** A number, the default if the key is not there or no number of at most nine digits. */
  static long number(@Nullable ConfEntry entry, long otherwise) {
    return entry != null && DIGITS.matcher(entry.value()).matches()
        ? Long.parseLong(entry.value())
        : otherwise;
  }

  /** A number that 0 sets to its default, too. */
  long setting(String key, long otherwise) {
    long number = number(text.entry("totem", key), otherwise);
    return number == 0 ? otherwise : number;
  }
}
