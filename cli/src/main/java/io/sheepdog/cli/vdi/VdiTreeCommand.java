package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import java.util.List;

/** {@code vdi tree}: spec/cli-collie-2010.md section 6. */
public final class VdiTreeCommand extends ToolCommand {

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Family family = new Family(new Vdis(remote).headers());
    String here = invocation.profile() == Profile.COLLIE ? "(You Are Here)" : "(you are here)";
    Tree tree = new Tree(family, here, invocation.console());
    for (InodeHeader root : family.roots()) {
      invocation.console().out().println(tree.render(root));
    }
    return 0;
  }

  /** Draws one tree at a time. */
  private record Tree(Family family, String here, Console console) {
    String render(InodeHeader root) {
      StringBuilder lines = new StringBuilder(root.name()).append("---");
      append(root, lines, " ".repeat(root.name().length() + 3));
      return lines.toString();
    }

    /**
     * Appends a node and what is below it; {@code indent} is what stands above it, up to its first
     * column.
     */
    private void append(InodeHeader node, StringBuilder lines, String indent) {
      String label =
          node.isSnapshot() ? "[" + Times.minute(node.createTime().seconds()) + "]" : here;
      lines.append(node.isSnapshot() ? label : console.bold(label));
      List<InodeHeader> children = family.childrenOf(node);
      String below = indent + " ".repeat(label.length() + 1);
      for (int i = 0; i < children.size(); i++) {
        boolean last = i == children.size() - 1;
        if (i == 0) {
          lines.append(last ? "---" : "-+-");
        } else {
          lines.append(System.lineSeparator()).append(below).append(last ? "`-" : "|-");
        }
        append(children.get(i), lines, below + (last ? "  " : "| "));
      }
    }
  }
}
