package io.sheepdog.cli.copy;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import java.io.PrintStream;

/**
 * An image that is being made: unless it is {@link #done}, it is deleted when it is closed, and
 * when the program is interrupted.
 */
public final class Unfinished implements AutoCloseable {
  private final Remote remote;
  private final PrintStream err;
  private final String name;
  private final VdiId vid;
  private final Thread hook;
  private boolean done;

  /**
   * @param err where to complain if it cannot be deleted
   * @param vid which one of that name: another, which somebody has made meanwhile, is left alone
   */
  public Unfinished(Remote remote, PrintStream err, String name, VdiId vid) {
    this.remote = remote;
    this.err = err;
    this.name = name;
    this.vid = vid;
    this.hook = new Thread(this::delete, "delete-unfinished");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** It is complete. */
  public void done() {
    done = true;
  }

  /** By a connection of its own: the other one may be in the middle of something, or broken. */
  private void delete() {
    try (Remote another = remote.another()) {
      delete(another);
    } catch (CommandFailure e) {
      err.println("The incomplete VDI " + name + " remains, delete it: " + e.getMessage());
      err.flush();
    }
  }

  private void delete(Remote daemon) throws CommandFailure {
    Vdis vdis = new Vdis(daemon);
    Response found = vdis.lookup(name, null);
    if (found.isSuccess() && found.body() instanceof VdiReply reply && reply.vdiId().equals(vid)) {
      daemon.require(
          vdis.nameRequest(Opcode.DEL_VDI, name, null, VdiBody.LOCK_NORMAL),
          "Failed to delete VDI " + name);
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // the hook runs
      return;
    }
    if (!done) {
      delete();
    }
  }
}
