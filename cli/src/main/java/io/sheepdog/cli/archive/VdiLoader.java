package io.sheepdog.cli.archive;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.archive.Manifest.ArchivedVdi;
import io.sheepdog.cli.copy.ImageFiller;
import io.sheepdog.cli.copy.Zeros;
import io.sheepdog.cli.format.Progress;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Response;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes a working image, which begins as its parent, what a snapshot was. */
final class VdiLoader {
  private final Remote remote;
  private final ArchiveDirectory archive;
  private final Manifest manifest;
  private final InodeHeader head;
  private final Progress progress;

  VdiLoader(
      Remote remote,
      ArchiveDirectory archive,
      Manifest manifest,
      InodeHeader head,
      Progress progress) {
    this.remote = remote;
    this.archive = archive;
    this.manifest = manifest;
    this.head = head;
    this.progress = progress;
  }

  /**
   * Fills it, and gives it the snapshot's size, tag and machine state.
   *
   * @param parent what it begins as, null for nothing
   */
  void fill(ArchivedVdi saved, @Nullable ArchivedVdi parent) throws CommandFailure {
    resize(saved.inode().vdiSize());
    int[] owners = saved.owners();
    int[] shared = parent == null ? new int[0] : parent.owners();
    ImageFiller filler = new ImageFiller(remote, head, new int[0]);
    for (int index = 0; index < owners.length; index++) {
      List<String> wanted = contents(owners, index);
      List<String> there = contents(shared, index);
      if (wanted.equals(there)) {
        continue;
      }
      if (isZero(wanted)) {
        clear(index, there);
      } else {
        write(filler, index, wanted);
      }
    }
    filler.finish();
    machineState(saved.inode());
    new Vdis(remote).tag(head, saved.inode().tag());
  }

  /** Digests of an object; none for a hole. */
  private List<String> contents(int[] owners, int index) {
    if (index >= owners.length || owners[index] == 0) {
      return List.of();
    }
    ObjectId oid = ObjectId.data(new VdiId(owners[index]), index);
    return Objects.requireNonNullElse(manifest.contents(oid), List.of());
  }

  private static boolean isZero(List<String> digests) {
    return digests.stream().allMatch(Manifest.ZEROS::equals);
  }

  private void write(ImageFiller filler, int index, List<String> digests) throws CommandFailure {
    for (int number = 0; number < digests.size(); number++) {
      int length = Manifest.length(head, number);
      progress.add(length);
      if (!digests.get(number).equals(Manifest.ZEROS)) {
        byte[] bytes = archive.read(digests.get(number), length);
        int from = 0;
        while (from + Zeros.BLOCK < length && Zeros.all(bytes, from, from + Zeros.BLOCK)) {
          from += Zeros.BLOCK;
        }
        int end = length;
        while (end - Zeros.BLOCK > from && Zeros.all(bytes, end - Zeros.BLOCK, end)) {
          end -= Zeros.BLOCK;
        }
        long within = (long) number * Manifest.PIECE + from;
        filler.write(index, within, Unpooled.wrappedBuffer(bytes, from, end - from));
      }
    }
  }

  /** What its parent has there does not belong to it. */
  private void clear(int index, List<String> there) throws CommandFailure {
    if (!there.isEmpty()) {
      ByteBuf none = Unpooled.wrappedBuffer(new byte[InodeLayout.INDEX_ENTRY_SIZE]);
      inode(InodeLayout.indexEntryOffset(index), 0, none);
    }
  }

  private void inode(long offset, int flags, ByteBuf bytes) throws CommandFailure {
    ObjectBody body = ObjectBody.of(ObjectId.inode(head.vdiId()), offset, head.copies());
    require(remote.send(Opcode.WRITE_OBJ, RequestFlags.DIRECT | flags, body, bytes));
  }

  private void require(Response response) throws CommandFailure {
    remote.require(response, "Failed to restore VDI " + head.name());
  }

  private void resize(long size) throws CommandFailure {
    if (size != head.vdiSize()) {
      inode(
          InodeLayout.VDI_SIZE,
          size < head.vdiSize() ? RequestFlags.SHRINK : 0,
          Unpooled.buffer(Long.BYTES).writeLongLE(size));
    }
  }

  private void machineState(InodeHeader saved) throws CommandFailure {
    for (long index = 0; index < saved.vmStateObjectCount(); index++) {
      List<String> digests =
          Objects.requireNonNull(manifest.contents(ObjectId.vmstate(saved.vdiId(), index)));
      ObjectId oid = ObjectId.vmstate(head.vdiId(), index);
      Opcode opcode = Opcode.CREATE_AND_WRITE_OBJ;
      for (int number = 0; number < digests.size(); number++) {
        int length = Manifest.length(head, number);
        progress.add(length);
        boolean zero = digests.get(number).equals(Manifest.ZEROS);
        if (!zero || number == 0) {
          byte[] bytes = zero ? new byte[length] : archive.read(digests.get(number), length);
          ObjectBody body = ObjectBody.of(oid, (long) number * Manifest.PIECE, head.copies());
          require(remote.send(opcode, RequestFlags.DIRECT, body, Unpooled.wrappedBuffer(bytes)));
          opcode = Opcode.WRITE_OBJ;
        }
      }
    }
    if (saved.vmStateSize() != 0 || saved.vmClockNanos() != 0) {
      inode(InodeLayout.VM_CLOCK, 0, Unpooled.buffer(Long.BYTES).writeLongLE(saved.vmClockNanos()));
      inode(
          InodeLayout.VM_STATE_SIZE,
          0,
          Unpooled.buffer(Long.BYTES).writeLongLE(saved.vmStateSize()));
    }
  }
}
