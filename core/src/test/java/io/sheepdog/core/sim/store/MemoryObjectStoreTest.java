package io.sheepdog.core.sim.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sheepdog.core.sim.contract.ContractLoop;
import io.sheepdog.core.sim.contract.ObjectStoreContract;
import io.sheepdog.core.sim.contract.SimContractLoop;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MemoryObjectStoreTest extends ObjectStoreContract {
  private static final VdiId VID = new VdiId(7);
  private static final ObjectId OID = ObjectId.data(VID, 0);
  private static final ObjectAttributes ATTRIBUTES =
      new ObjectAttributes(1 << 20, 1, 0, new Epoch(1));

  private final EventQueue queue = new EventQueue();
  private final ContractLoop loop = new SimContractLoop(queue);
  private final StoreContents contents = new StoreContents();
  private MemoryObjectStore store = open();

  private MemoryObjectStore open() {
    return new MemoryObjectStore(
        contents,
        new SimProcess(queue, "node", 0),
        new SplittableRandom(1),
        Delays.DISK,
        UnpooledByteBufAllocator.DEFAULT,
        StoreWatcher.NONE);
  }

  @Override
  protected ContractLoop loop() {
    return loop;
  }

  @Override
  protected ObjectStore store() {
    return store;
  }

  @Override
  protected void flip(ObjectId oid, long offset) {
    assertThat(contents.flip(oid, offset)).isTrue();
    reopen();
  }

  @Override
  protected void reopen() {
    store = open();
  }

  @Test
  void powerLossKeepsDurableWritesAndMayTakeOthers() {
    boolean lostSome = false;
    boolean keptSome = false;
    for (int seed = 0; seed < 20; seed++) {
      create();
      write(0, "durable", true);
      write(4096, "cached", false);
      contents.losePower(new SplittableRandom(seed));
      assertThat(visible(0, 7)).isEqualTo("durable");
      assertThat(visible(4096, 6)).isIn("cached", "\0\0\0\0\0\0");
      lostSome |= !visible(4096, 6).equals("cached");
      keptSome |= visible(4096, 6).equals("cached");
    }
    assertThat(lostSome).isTrue();
    assertThat(keptSome).isTrue();
  }

  @Test
  void syncedWritesSurviveAPowerLoss() {
    create();
    write(4096, "cached", false);
    assertThat(contents.hasUnsynced(OID)).isTrue();
    loop.complete(() -> store.sync(VID));
    assertThat(contents.hasUnsynced(OID)).isFalse();
    contents.losePower(new SplittableRandom(3));
    assertThat(visible(4096, 6)).isEqualTo("cached");
  }

  @Test
  void unfinishedCreationIsGoneAfterAPowerLossAndTheOldObjectBack() {
    create();
    write(0, "old", true);
    ByteBuf data = Unpooled.copiedBuffer("new", StandardCharsets.UTF_8);
    store.create(OID, ATTRIBUTES, 0, data);
    loop.until("the effect", () -> visible(0, 3).equals("new"));
    contents.losePower(new SplittableRandom(5));
    assertThat(visible(0, 3)).isEqualTo("old");
  }

  private void create() {
    assertThat(loop.complete(() -> store.create(OID, ATTRIBUTES, 0, Unpooled.EMPTY_BUFFER)))
        .isEqualTo(StoreStatus.OK);
  }

  private void write(long offset, String text, boolean durable) {
    ByteBuf data = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    assertThat(loop.complete(() -> store.write(OID, offset, data, durable)))
        .isEqualTo(StoreStatus.OK);
  }

  private String visible(long offset, int length) {
    ByteBuf bytes = Unpooled.buffer(length);
    contents.read(OID, offset, length, bytes);
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
