package io.sheepdog.corosyncconf.make;

import io.sheepdog.corosyncconf.check.CorosyncCheck;
import io.sheepdog.corosyncconf.check.Finding;
import io.sheepdog.corosyncconf.make.Upgraded.Change;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import io.sheepdog.corosyncconf.text.LineEdits;
import io.sheepdog.corosyncconf.text.SyntaxProblem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Turns a file of corosync 1 or 2 into one that corosync 3.1 starts with. Multicast stays multicast
 * ({@code transport: udp}); a nodelist and votequorum are added; what version 3 does not know is
 * dropped. Comments, order and blank lines stay. Encryption is dropped where the transport has
 * none, and {@code two_node}, {@code last_man_standing} and {@code allow_downscale} always.
 */
public final class ConfUpgrade {
  private static final Set<String> MULTICAST = Set.of("mcastaddr", "broadcast", "bindnetaddr");
  private static final Set<String> TRANSPORTS = Set.of("knet", "udp", "udpu");

  private final ConfText text;
  private final LineEdits edits;
  private final List<Change> changes = new ArrayList<>();

  private ConfUpgrade(ConfText text) {
    this.text = text;
    this.edits = new LineEdits(text);
  }

  /**
   * The new file.
   *
   * @param nodes all nodes; may be empty if the file itself names them
   * @throws ConfMakeException if the file has mistakes that only its author can correct, or if no
   *     nodes are known
   */
  public static Upgraded of(ConfText text, List<Node> nodes) throws ConfMakeException {
    for (SyntaxProblem problem : text.problems()) {
      throw new ConfMakeException(
          "line " + problem.line() + ": " + problem.what() + "; " + problem.remedy());
    }
    return new ConfUpgrade(text).run(nodes);
  }

  private Upgraded run(List<Node> given) throws ConfMakeException {
    String transport = transport();
    List<Node> nodes = given.isEmpty() ? members() : given;
    if (nodes.isEmpty() && text.sections("nodelist.node").isEmpty()) {
      throw new ConfMakeException(
          "the file names no nodes, and corosync 3 needs all of them; give --node ADDRESS for each");
    }
    if (!transport.equals("knet") && nodes.stream().anyMatch(n -> n.addresses().size() > 1)) {
      throw new ConfMakeException(
          "transport " + transport + " has one link; give one address for each node");
    }
    new ObsoleteParts(text, edits, changes).drop(transport);
    totem(transport);
    quorum();
    nodelist(nodes);
    byte[] bytes = edits.apply();
    refuseErrors(ConfText.parse(bytes));
    changes.sort(Comparator.comparingInt(c -> c.line() == 0 ? Integer.MAX_VALUE : c.line()));
    return new Upgraded(bytes, changes);
  }

  /**
   * The transport of the new file. Multicast was the default of version 1 and 2; a file of version
   * 3 has a nodelist and nothing of multicast.
   */
  private String transport() {
    ConfEntry old = text.entry("totem", "transport");
    if (old == null) {
      boolean isNew = !text.sections("nodelist.node").isEmpty() && !isForMulticast();
      return isNew ? "knet" : "udp";
    }
    String value = ObsoleteParts.withoutComment(old.value());
    return TRANSPORTS.contains(value) ? value : "udp";
  }

  private boolean isForMulticast() {
    return MULTICAST.stream().anyMatch(key -> text.entry("totem.interface", key) != null);
  }

  /** The nodes of files for udpu of version 1. */
  private List<Node> members() throws ConfMakeException {
    List<String> addresses = new ArrayList<>();
    for (ConfSection link : text.sections("totem.interface")) {
      List<ConfSection> members =
          link.sections().stream().filter(each -> each.name().equals("member")).toList();
      for (ConfSection member : members) {
        ConfEntry address = member.entry("memberaddr");
        if (address != null) {
          addresses.add(ObsoleteParts.withoutComment(address.value()));
        }
      }
      if (!addresses.isEmpty()) {
        return Node.parseAll(addresses);
      }
    }
    return List.of();
  }

  private void totem(String transport) {
    List<ConfSection> sections = text.sections("totem");
    List<String> missing = new ArrayList<>();
    ConfEntry old = text.entry("totem", "transport");
    if (text.entry("totem", "version") == null) {
      missing.add("version: 2");
    }
    if (old == null && !transport.equals("knet")) {
      missing.add("transport: " + transport);
    } else if (old != null && !ObsoleteParts.withoutComment(old.value()).equals(transport)) {
      edits.replace(old.line(), List.of("transport: " + transport));
      changes.add(new Change(old.line(), "changed 'transport: " + old.value() + "' to udp"));
    }
    if (transport.equals("udp") && !hasMulticastAddress()) {
      missing.add("cluster_name: " + ConfGenerator.DEFAULT_NAME);
    }
    for (String line : missing) {
      changes.add(new Change(0, "added '" + line + "' to totem"));
    }
    if (sections.isEmpty()) {
      List<String> section = new ArrayList<>(List.of("totem {"));
      missing.forEach(line -> section.add("    " + line));
      section.add("}");
      edits.append(section);
    } else {
      insert(sections.get(0), missing);
    }
  }

  private boolean hasMulticastAddress() {
    return text.entry("totem", "cluster_name") != null
        || text.entry("totem.interface", "mcastaddr") != null
        || text.entry("totem.interface", "broadcast") != null;
  }

  /**
   * Puts keys where a reader looks for them: after the version, else at the section's beginning.
   */
  private void insert(ConfSection section, List<String> lines) {
    ConfEntry version = section.entry("version");
    int after = version == null ? section.first() : version.line();
    List<ConfEntry> entries = section.entries();
    String indentation =
        entries.isEmpty() ? "    " : text.lines().get(entries.get(0).line() - 1).indentation();
    edits.insertAfter(after, lines.stream().map(line -> indentation + line).toList());
  }

  private void quorum() {
    if (text.entry("quorum", "provider") != null) {
      return;
    }
    String provider = "provider: corosync_votequorum";
    changes.add(new Change(0, "added 'quorum { " + provider + " }'"));
    List<ConfSection> sections = text.sections("quorum");
    if (sections.isEmpty()) {
      edits.append(List.of("quorum {", "    " + provider, "}"));
    } else {
      insert(sections.get(0), List.of(provider));
    }
  }

  private void nodelist(List<Node> nodes) {
    if (nodes.isEmpty()) {
      return;
    }
    for (ConfSection old : text.sections("nodelist")) {
      edits.drop(old);
      changes.add(new Change(old.first(), "dropped the nodelist: other nodes were given"));
    }
    changes.add(new Change(0, "added a nodelist, ids 1 to " + nodes.size()));
    edits.append(Node.nodelist(nodes));
  }

  /** What is still wrong is nothing that a program can decide. */
  private static void refuseErrors(ConfText result) throws ConfMakeException {
    for (Finding finding : CorosyncCheck.of(result, new AnyNodeHost(result))) {
      if (finding.isError()) {
        throw new ConfMakeException(
            "the file needs a decision that no program can take: "
                + finding.what()
                + " ("
                + finding.why()
                + "); "
                + finding.remedy());
      }
    }
  }
}
