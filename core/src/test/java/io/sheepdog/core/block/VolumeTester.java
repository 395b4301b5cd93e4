package io.sheepdog.core.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.block.BlockVolume.ZeroMode;
import io.sheepdog.core.block.Opening.Opened;
import io.sheepdog.core.block.Opening.Refused;
import io.sheepdog.protocol.ResultCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A volume and what it must contain. */
final class VolumeTester {
  static final ZeroMode PUNCH = new ZeroMode(false, false, false);
  static final ZeroMode FAST = new ZeroMode(false, true, false);
  static final ZeroMode ALLOCATE = new ZeroMode(true, false, false);

  final OpenVolume open;
  final BlockVolume volume;
  private final byte[] expected = new byte[(int) MemoryBlockHost.SIZE];

  private VolumeTester(OpenVolume open) {
    this.open = open;
    this.volume = open.volume();
  }

  static VolumeTester open(BlockVolumes volumes, String name, String client) {
    return new VolumeTester(((Opened) opening(volumes, name, client)).volume());
  }

  static VolumeTester open(BlockVolumes volumes, String name, BlockClient client) {
    return new VolumeTester(((Opened) now(volumes.open(name, client))).volume());
  }

  static Refused refusal(BlockVolumes volumes, String name, String client) {
    return (Refused) opening(volumes, name, client);
  }

  private static Opening opening(BlockVolumes volumes, String name, String client) {
    return now(volumes.open(name, BlockClient.of(client)));
  }

  static <T> T now(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    assertThat(future).isDone();
    return future.join();
  }

  CompletionStage<ResultCode> begin(long offset, int length, int value, boolean durable) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (value + i % 7);
    }
    System.arraycopy(bytes, 0, expected, (int) offset, length);
    ByteBuf data = Unpooled.wrappedBuffer(bytes);
    CompletionStage<ResultCode> end = volume.write(offset, data, durable);
    assertThat(data.readableBytes()).isEqualTo(length);
    data.release();
    return end;
  }

  void write(long offset, int length, int value) {
    assertThat(now(begin(offset, length, value, false))).isEqualTo(ResultCode.SUCCESS);
  }

  void expectZeros(long offset, long length) {
    for (long i = offset; i < offset + length; i++) {
      expected[(int) i] = 0;
    }
  }

  void zero(long offset, long length, ZeroMode mode) {
    assertThat(now(volume.zero(offset, length, mode))).isEqualTo(ResultCode.SUCCESS);
    expectZeros(offset, length);
  }

  byte[] read(long offset, int length) {
    VolumeRead read = now(volume.read(offset, length));
    assertThat(read.code()).isEqualTo(ResultCode.SUCCESS);
    byte[] bytes = new byte[length];
    long position = offset;
    for (Piece piece : read.pieces()) {
      assertThat(piece.offset()).isEqualTo(position);
      ByteBuf data = piece.data();
      if (data != null) {
        assertThat(data.readableBytes()).isEqualTo(piece.length());
        data.getBytes(data.readerIndex(), bytes, (int) (position - offset), piece.length());
      }
      position += piece.length();
    }
    assertThat(position).isEqualTo(offset + length);
    read.release();
    return bytes;
  }

  byte[] expected() {
    return expected;
  }

  /** Everything reads as it was written. */
  void check() {
    assertThat(read(0, expected.length)).isEqualTo(expected);
  }

  List<Extent> status() {
    VolumeStatus status = now(volume.status(0, MemoryBlockHost.SIZE));
    assertThat(status.code()).isEqualTo(ResultCode.SUCCESS);
    return status.extents();
  }
}
