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
    private static final int CONNECTION = 3;

    String render(InodeHeader root) {
      StringBuilder lines = new StringBuilder(root.name()).append("---");
      append(root, lines, " ".repeat(root.name().length() + CONNECTION));
      return lines.toString();
    }

    /**
     * Appends a generation and those below it; {@code indent} is what stands in the lines below
     * that, up to its first column. Only branches nest, so that long histories need no deep stack.
     */
    private void append(InodeHeader first, StringBuilder lines, String indent) {
      InodeHeader node = first;
      StringBuilder below = new StringBuilder(indent);
      while (true) {
        String label =
            node.isSnapshot() ? "[" + Times.minute(node.createTime().seconds()) + "]" : here;
        lines.append(node.isSnapshot() ? label : console.bold(label));
        below.append(" ".repeat(label.length() + 1));
        List<InodeHeader> children = family.childrenOf(node);
        if (children.size() != 1) {
          branches(children, lines, below.toString());
          return;
        }
        lines.append("---");
        below.append("  ");
        node = children.get(0);
      }
    }

    private void branches(List<InodeHeader> children, StringBuilder lines, String below) {
      for (int i = 0; i < children.size(); i++) {
        boolean last = i == children.size() - 1;
        if (i == 0) {
          lines.append("-+-");
        } else {
          lines.append('\n').append(below).append(last ? "`-" : "|-");
        }
        append(children.get(i), lines, below + (last ? "  " : "| "));
      }
    }
  }
}
