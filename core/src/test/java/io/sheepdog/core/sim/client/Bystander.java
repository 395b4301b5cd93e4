package io.sheepdog.core.sim.client;

import io.sheepdog.core.sim.check.DiskHistory;
import io.sheepdog.core.sim.net.Message.Answer;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.VdiReply;
import java.util.Optional;

/**
 * Somebody who reads a disk that others write, through one daemon and without a lock. Which vid the
 * disk is he asks another daemon: a member that has not heard of a snapshot yet, which a majority
 * has confirmed, may name the vid before it, and shows the new one as empty (R4). What he cannot
 * read he leaves.
 */
public final class Bystander {
  private final ClientHost host;

  /**
   * @param host where it runs
   */
  public Bystander(ClientHost host) {
    this.host = host;
  }

  /**
   * Reads all blocks once and compares them with what was acknowledged before this call.
   *
   * @param names the daemon that is asked for the vid
   * @param node the daemon that is read from
   */
  public void read(
      NodeAddress names, NodeAddress node, String name, Geometry geometry, DiskHistory history) {
    long since = host.now();
    host.controlAt(names, Requests.info(name, ""))
        .thenAccept(
            info -> {
              if (succeeded(info)) {
                ObjectId inode =
                    ObjectId.inode(((VdiReply) info.orElseThrow().header().body()).vdiId());
                host.controlAt(node, Requests.read(inode, 0, QemuInode.size(geometry.objects()), 0))
                    .thenAccept(
                        read -> {
                          if (succeeded(read)) {
                            QemuInode table =
                                QemuInode.parse(
                                    read.orElseThrow().payload(), geometry.objects(), 0);
                            if (!table.header().name().isEmpty()) {
                              new Reading(node, table, geometry, history, since).next(0);
                            }
                          }
                        });
              }
            });
  }

  private static boolean succeeded(Optional<Answer> answer) {
    return answer.isPresent() && answer.get().header().isSuccess();
  }

  /** Block after block. */
  private final class Reading {
    private final NodeAddress node;
    private final QemuInode inode;
    private final Geometry geometry;
    private final DiskHistory history;
    private final long since;

    Reading(NodeAddress node, QemuInode inode, Geometry geometry, DiskHistory history, long since) {
      this.node = node;
      this.inode = inode;
      this.geometry = geometry;
      this.history = history;
      this.since = since;
    }

    void next(int block) {
      int current = block;
      while (current < geometry.blocks() && !inode.isAllocated(geometry.objectOf(current))) {
        seen(current, 0);
        current++;
      }
      if (current < geometry.blocks()) {
        read(current);
      }
    }

    private void read(int block) {
      host.controlAt(
              node,
              inode.readData(
                  geometry.objectOf(block), geometry.offsetOf(block), geometry.blockSize()))
          .thenAccept(
              answer -> {
                if (succeeded(answer)) {
                  byte[] bytes = answer.orElseThrow().payload();
                  seen(block, Geometry.valueOf(bytes, 0, bytes.length));
                }
                if (answer.isPresent()) {
                  next(block + 1);
                }
              });
    }

    private void seen(int block, long value) {
      history.readByBystander("bystander at " + node, block, value, since);
    }
  }
}
