package io.sheepdog.core.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sheepdog.core.sim.store.MemoryObjectStore;
import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.core.sim.store.StoreWatcher;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.payload.SheepTime;
import io.sheepdog.protocol.payload.VdiUsage;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of inodes is forgotten when, and only when, they may have changed. */
class InodeUsagesTest {
  private static final ObjectId INODE = ObjectId.inode(new VdiId(7));
  private static final ObjectId OTHER = ObjectId.inode(new VdiId(8));
  private static final ObjectAttributes SHAPE =
      new ObjectAttributes(InodeLayout.FULL_SIZE, 1, 0, new Epoch(1));
  private static final Epoch ASIDE = new Epoch(3);

  private final EventQueue queue = new EventQueue();
  private final ObjectStore disk =
      new MemoryObjectStore(
          new StoreContents(),
          new SimProcess(queue, "node", 0),
          new SplittableRandom(1),
          new Delays(1_000, 2_000, 2_000, 0),
          new UnpooledByteBufAllocator(false),
          StoreWatcher.NONE);
  private final InodeUsages usages = new InodeUsages(disk, 2);
  private final ObjectStore store = new WatchedStore(disk, usages::changes);

  @BeforeEach
  void anInodeExists() {
    await(disk.create(INODE, SHAPE, 0, inode(7, 1)));
    await(disk.create(OTHER, SHAPE, 0, inode(8, 1)));
  }

  private static ByteBuf inode(int vid, int objects) {
    ByteBuf bytes = Unpooled.buffer();
    new InodeHeader(
            "Alice",
            "",
            SheepTime.NONE,
            SheepTime.NONE,
            0,
            8L << 20,
            0,
            0,
            0,
            1,
            20,
            1,
            new VdiId(vid),
            VdiId.NONE,
            0)
        .encode(bytes);
    for (int i = 0; i < objects; i++) {
      bytes.writeIntLE(vid);
    }
    return bytes;
  }

  private <T> T await(CompletionStage<T> stage) {
    while (queue.runNext()) {
      // until nothing happens any more
    }
    return stage.toCompletableFuture().join();
  }

  private long used(ObjectId inode) {
    InodeUsages.Known known = await(usages.of(inode, 32));
    assertThat(known.code()).isEqualTo(ResultCode.SUCCESS);
    return VdiUsage.decode(Unpooled.wrappedBuffer(known.usage())).used();
  }

  private void isSeen(Consumer<ObjectStore> change, long used) {
    assertThat(used(INODE)).isNotEqualTo(used);
    change.accept(store);
    assertThat(used(INODE)).isEqualTo(used);
  }

  @Test
  void everyChangeOfTheStoreIsSeen() {
    ByteBuf entry = Unpooled.buffer().writeIntLE(7);
    isSeen(s -> await(s.write(INODE, InodeLayout.INDEX_OFFSET + 4, entry, true)), 2);
    isSeen(s -> await(s.create(INODE, SHAPE, 0, inode(7, 3))), 3);
    isSeen(s -> await(s.createCopy(INODE, SHAPE, inode(7, 4))), 4);
    isSeen(s -> await(s.copy(INODE, SHAPE, OTHER, 0, inode(7, 5), false)), 5);
    isSeen(
        s -> {
          long version = await(s.digest(INODE)).version();
          await(s.patch(INODE, version, InodeLayout.INDEX_OFFSET + 20, entry));
        },
        6);
    await(store.setAside(INODE, ASIDE));
    await(disk.create(INODE, SHAPE, 0, inode(7, 1)));
    isSeen(s -> await(s.takeBack(INODE, ASIDE, SHAPE)), 6);
  }

  @Test
  void whatWasReadBeforeAChangeIsNotKeptBehindIt() {
    var read = usages.of(INODE, 32);
    ByteBuf entry = Unpooled.buffer().writeIntLE(7);
    await(store.write(INODE, InodeLayout.INDEX_OFFSET + 4, entry, true));
    await(read);

    assertThat(used(INODE)).isEqualTo(2);
  }

  @Test
  void anObjectThatHasGoneIsNotToldOfAnyMore() {
    used(INODE);
    await(store.remove(INODE));
    assertThat(await(usages.of(INODE, 32)).code()).isEqualTo(ResultCode.NO_OBJ);

    used(OTHER);
    // another part of the daemon sets objects aside when this node starts
    await(disk.setAside(OTHER, ASIDE));
    assertThat(await(usages.of(OTHER, 32)).code()).isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void onlySoManyAreKept() {
    used(INODE);
    used(OTHER);
    ObjectId third = ObjectId.inode(new VdiId(9));
    await(disk.create(third, SHAPE, 0, inode(9, 1)));
    used(third);
    // behind the store's back: what is kept tells the old number
    await(disk.create(INODE, SHAPE, 0, inode(7, 5)));
    await(disk.create(OTHER, SHAPE, 0, inode(8, 5)));

    assertThat(used(OTHER)).isEqualTo(1);
    assertThat(used(INODE)).isEqualTo(5);
  }

  @Test
  void anInodeThatIsNoneIsAnError() {
    await(store.write(INODE, 555, Unpooled.buffer().writeByte(99), true));

    assertThat(await(usages.of(INODE, 32)).code()).isEqualTo(ResultCode.EIO);
  }
}
