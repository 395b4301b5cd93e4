package io.sheepdog.cli.vdi;

import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.format.Words;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code vdi object dump-inode FILE}: an inode object as it lies in a store (spec/cli-dog-1.0.md
 * section 2.13). No daemon is asked.
 */
final class InodeDump {
  private InodeDump() {}

  static void print(Path file, Profile profile, PrintStream out) throws CommandFailure {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] header = in.readNBytes(InodeLayout.HEADER_SIZE);
      if (header.length < InodeLayout.HEADER_SIZE) {
        throw new CommandFailure(1, file + " is no inode: it has only " + header.length + " bytes");
      }
      InodeHeader inode = InodeHeader.decode(Unpooled.wrappedBuffer(header));
      byte[] index = in.readNBytes(InodeLayout.INDEX_ENTRIES * InodeLayout.INDEX_ENTRY_SIZE);
      fields(inode, out);
      entries(index, out);
    } catch (ProtocolException e) {
      throw new CommandFailure(1, file + " is no inode: " + e.getMessage());
    } catch (IOException e) {
      throw new CommandFailure(
          profile.systemExit(), "Cannot read " + file + ": " + Words.orName(e));
    }
  }

  private static void fields(InodeHeader inode, PrintStream out) {
    out.println("name: " + inode.name());
    out.println("tag: " + inode.tag());
    out.println("create_time: " + Long.toHexString(inode.createTime().wire()));
    out.println("snap_ctime: " + Long.toHexString(inode.snapshotTime().wire()));
    out.println("vm_clock_nsec: " + Long.toHexString(inode.vmClockNanos()));
    out.println("vdi_size: " + inode.vdiSize());
    out.println("vm_state_size: " + inode.vmStateSize());
    out.println("copy_policy: " + inode.copyPolicy());
    out.println("store_policy: " + inode.storePolicy());
    out.println("nr_copies: " + inode.copies());
    out.println("block_size_shift: " + inode.blockSizeShift());
    out.println("snap_id: " + Integer.toUnsignedString(inode.snapshotId()));
    out.println("vdi_id: " + inode.vdiId());
    out.println("parent_vdi_id: " + inode.parentVdiId());
    out.println("btree_counter: " + inode.btreeCounter());
  }

  /** References were counted in v1.0; here they are not, so nobody holds any. */
  private static void entries(byte[] index, PrintStream out) {
    ByteBuffer entries = ByteBuffer.wrap(index).order(ByteOrder.LITTLE_ENDIAN);
    out.println("data_vdi_id:");
    for (int i = 0; entries.remaining() >= InodeLayout.INDEX_ENTRY_SIZE; i++) {
      int vid = entries.getInt();
      if (vid != 0) {
        out.println(i + ": " + Integer.toHexString(vid));
      }
    }
    out.println("gref:");
  }
}
