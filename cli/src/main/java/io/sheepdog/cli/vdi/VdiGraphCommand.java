package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.PrintStream;

/** {@code vdi graph}: Graphviz text, spec/cli-dog-1.0.md section 2.3. */
public final class VdiGraphCommand extends ToolCommand {
  private static final int LABEL_WIDTH = 16;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    PrintStream out = invocation.console().out();
    out.println("digraph G {");
    out.println("  node [shape = \"box\", fontname = \"Courier\"];");
    out.println();
    out.println("  \"0\" [shape = \"ellipse\", label = \"root\"];");
    out.println();
    for (InodeHeader inode : new Vdis(remote).headers()) {
      node(out, inode, invocation.profile());
    }
    out.println("}");
    return 0;
  }

  private static void node(PrintStream out, InodeHeader inode, Profile profile) {
    long created = inode.createTime().seconds();
    // 1.0 shows 0 for working images, 2010 the number that they have
    int id = inode.isSnapshot() || profile == Profile.COLLIE ? inode.snapshotId() : 0;
    String label =
        String.join(
            "\\n",
            line("Name:", escape(inode.name())),
            line("Tag:", Integer.toHexString(id)),
            line("Size:", Sizes.human(inode.vdiSize())),
            line("Date:", Times.day(created)),
            line("Time:", Times.clock(created)));
    out.println("  \"" + inode.parentVdiId() + "\" -> \"" + inode.vdiId() + "\";");
    out.println("  \"" + inode.vdiId() + "\" [");
    out.println("    group = \"" + escape(inode.name()) + "\",");
    out.println("    label = \"" + label + "\"" + (inode.isSnapshot() ? "" : ","));
    if (!inode.isSnapshot()) {
      out.println("    color=\"red\"");
    }
    out.println("  ];");
    out.println();
  }

  private static String line(String key, String value) {
    return key + Words.right(" " + value, LABEL_WIDTH - key.length());
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
