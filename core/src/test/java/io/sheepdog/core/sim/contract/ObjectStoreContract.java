package io.sheepdog.core.sim.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.DigestOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.PatchOutcome;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreSpace;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link ObjectStore} does. A subclass gives a fresh, empty store per test ({@link
 * #store}) and says how to open the same store again ({@link #reopen}).
 */
@Timeout(60)
public abstract class ObjectStoreContract {
  /** Object size used here: not a multiple of any page or chunk. */
  private static final int SIZE = (1 << 20) + 12;

  private static final VdiId VID = new VdiId(0x15d167);
  private static final VdiId OTHER_VID = new VdiId(0x0316b4);
  private static final ObjectId OID = ObjectId.data(VID, 3);
  private static final ObjectId COPY = ObjectId.data(new VdiId(0x15d168), 3);
  private static final ObjectAttributes ATTRIBUTES = new ObjectAttributes(SIZE, 2, 0, new Epoch(7));

  /** The loop on which the store is called and completes its stages. */
  protected abstract ContractLoop loop();

  /**
   * The store under test: empty when a test begins, the same one during a test until {@link
   * #reopen}.
   */
  protected abstract ObjectStore store();

  /**
   * Closes the store in order and opens it again from what it kept; {@link #store} then gives the
   * new one.
   */
  protected abstract void reopen();

  /**
   * Changes a byte of an object where the store keeps it, as a disk might do; the store is closed
   * meanwhile and opened again.
   */
  protected abstract void flip(ObjectId oid, long offset);

  @Test
  void emptyStoreHoldsNothing() {
    loop()
        .run(
            () -> {
              assertThat(store().objects()).isEmpty();
              assertThat(store().objectsOf(VID)).isEmpty();
              assertThat(store().holds(OID)).isFalse();
            });
  }

  @Test
  void operationsOnMissingObjectSayNoObject() {
    assertThat(status(read(OID, 0, 1))).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(write(OID, 0, "x", true)).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(write(OID, 0, "x", false)).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(remove(OID)).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(loop().complete(() -> store().attributes(OID)).status())
        .isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(loop().complete(() -> store().setAside(OID, new Epoch(1))))
        .isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(heldObjects()).isEmpty();
  }

  @Test
  void createdObjectIsZeroExceptForItsPayload() {
    assertThat(create(OID, 4096, "payload")).isEqualTo(StoreStatus.OK);
    assertThat(text(read(OID, 4096, 7))).isEqualTo("payload");
    assertThat(bytes(read(OID, 0, 4096))).containsOnly(0);
    assertThat(bytes(read(OID, 4103, SIZE - 4103))).hasSize(SIZE - 4103).containsOnly(0);
    assertThat(heldObjects()).containsExactly(OID);
  }

  @Test
  void objectMayBeCreatedWithoutPayload() {
    assertThat(create(OID, 0, "")).isEqualTo(StoreStatus.OK);
    assertThat(bytes(read(OID, SIZE - 100, 100))).hasSize(100).containsOnly(0);
  }

  @Test
  void readOfNothingSucceeds() {
    create(OID, 0, "abc");
    assertThat(bytes(read(OID, 0, 0))).isEmpty();
    assertThat(bytes(read(OID, SIZE, 0))).isEmpty();
  }

  @Test
  void creationReplacesAnExistingObjectCompletely() {
    create(OID, 0, "old contents");
    write(OID, 70000, "more", true);
    assertThat(create(OID, 3, "new")).isEqualTo(StoreStatus.OK);
    assertThat(bytes(read(OID, 0, 13)))
        .containsExactly(0, 0, 0, 'n', 'e', 'w', 0, 0, 0, 0, 0, 0, 0);
    assertThat(bytes(read(OID, 70000, 4))).containsOnly(0);
    assertThat(heldObjects()).containsExactly(OID);
  }

  @Test
  void writeChangesExactlyItsRange() {
    create(OID, 0, "0123456789");
    assertThat(write(OID, 3, "abc", true)).isEqualTo(StoreStatus.OK);
    assertThat(text(read(OID, 0, 10))).isEqualTo("012abc6789");
    assertThat(write(OID, SIZE - 3, "end", false)).isEqualTo(StoreStatus.OK);
    assertThat(text(read(OID, SIZE - 3, 3))).isEqualTo("end");
    assertThat(text(read(OID, 0, 10))).isEqualTo("012abc6789");
  }

  @Test
  void emptyWriteSucceedsAndChangesNothing() {
    create(OID, 0, "abc");
    assertThat(write(OID, 0, "", true)).isEqualTo(StoreStatus.OK);
    assertThat(text(read(OID, 0, 3))).isEqualTo("abc");
  }

  @Test
  void rangesOutsideTheObjectAreRefusedAndChangeNothing() {
    create(OID, 0, "abc");
    assertThat(write(OID, SIZE - 1, "xy", true)).isEqualTo(StoreStatus.OUT_OF_RANGE);
    assertThat(write(OID, SIZE + 100L, "x", true)).isEqualTo(StoreStatus.OUT_OF_RANGE);
    assertThat(write(OID, Long.MAX_VALUE, "x", true)).isEqualTo(StoreStatus.OUT_OF_RANGE);
    assertThat(status(read(OID, SIZE - 1, 2))).isEqualTo(StoreStatus.OUT_OF_RANGE);
    assertThat(status(read(OID, Long.MAX_VALUE, 2))).isEqualTo(StoreStatus.OUT_OF_RANGE);
    assertThat(create(ObjectId.data(VID, 4), SIZE - 1, "xy")).isEqualTo(StoreStatus.OUT_OF_RANGE);
    assertThat(heldObjects()).containsExactly(OID);
    assertThat(bytes(read(OID, SIZE - 1, 1))).containsOnly(0);
    assertThat(text(read(OID, 0, 3))).isEqualTo("abc");
  }

  @Test
  void refusedCreationLeavesTheOldObject() {
    create(OID, 0, "abc");
    assertThat(create(OID, SIZE - 1, "xy")).isEqualTo(StoreStatus.OUT_OF_RANGE);
    assertThat(text(read(OID, 0, 3))).isEqualTo("abc");
  }

  @Test
  void removedObjectIsGone() {
    create(OID, 0, "abc");
    assertThat(remove(OID)).isEqualTo(StoreStatus.OK);
    assertThat(status(read(OID, 0, 3))).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(remove(OID)).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(heldObjects()).isEmpty();
    assertThat(create(OID, 1, "b")).isEqualTo(StoreStatus.OK);
    assertThat(bytes(read(OID, 0, 3))).containsExactly(0, 'b', 0);
  }

  @Test
  void operationsOnOneObjectTakeEffectInTheOrderOfSubmission() {
    List<CompletionStage<StoreStatus>> writes = new ArrayList<>();
    List<CompletionStage<ReadOutcome>> reads = new ArrayList<>();
    loop()
        .run(
            () -> {
              writes.add(store().create(OID, ATTRIBUTES, 0, Unpooled.EMPTY_BUFFER));
              for (int i = 0; i < 100; i++) {
                ByteBuf data = Unpooled.buffer(4).writeInt(i);
                writes.add(store().write(OID, 8, data, i % 3 == 0));
                data.release();
                reads.add(store().read(OID, 8, 4));
              }
              writes.add(store().remove(OID));
              reads.add(store().read(OID, 8, 4));
            });
    for (CompletionStage<StoreStatus> write : writes) {
      assertThat(loop().complete(() -> write)).isEqualTo(StoreStatus.OK);
    }
    for (int i = 0; i < 100; i++) {
      CompletionStage<ReadOutcome> read = reads.get(i);
      assertThat(Unpooled.wrappedBuffer(bytes(loop().complete(() -> read))).readInt()).isEqualTo(i);
    }
    assertThat(status(loop().complete(() -> reads.get(100)))).isEqualTo(StoreStatus.NO_OBJECT);
  }

  @Test
  void concurrentOperationsOnManyObjectsKeepThemApart() {
    List<CompletionStage<StoreStatus>> pending = new ArrayList<>();
    loop()
        .run(
            () -> {
              for (int i = 0; i < 64; i++) {
                ByteBuf data = Unpooled.buffer(8).writeLong(i);
                pending.add(store().create(ObjectId.data(VID, i), ATTRIBUTES, 16L * i, data));
                data.release();
              }
            });
    for (CompletionStage<StoreStatus> each : pending) {
      assertThat(loop().complete(() -> each)).isEqualTo(StoreStatus.OK);
    }
    for (int i = 0; i < 64; i++) {
      assertThat(Unpooled.wrappedBuffer(bytes(read(ObjectId.data(VID, i), 16L * i, 8))).readLong())
          .isEqualTo(i);
    }
  }

  @Test
  void buffersHandedInAreNotConsumed() {
    ByteBuf data = Unpooled.copiedBuffer("skipme-payload".getBytes(StandardCharsets.UTF_8));
    data.skipBytes(7);
    loop().complete(() -> store().create(OID, ATTRIBUTES, 0, data));
    loop().complete(() -> store().write(OID, 100, data, true));
    loop().complete(() -> store().write(ObjectId.data(OTHER_VID, 9), 0, data, true));
    assertThat(data.refCnt()).isEqualTo(1);
    assertThat(data.readableBytes()).isEqualTo(7);
    data.release();
    assertThat(text(read(OID, 0, 7))).isEqualTo("payload");
    assertThat(text(read(OID, 100, 7))).isEqualTo("payload");
  }

  @Test
  void storeKeepsWhatItNeedsOfABufferThatIsReleasedAfterTheCall() {
    CompletableFuture<StoreStatus> created = new CompletableFuture<>();
    loop()
        .run(
            () -> {
              ByteBuf data = Unpooled.copiedBuffer("kept".getBytes(StandardCharsets.UTF_8));
              store().create(OID, ATTRIBUTES, 0, data).thenAccept(created::complete);
              data.release();
            });
    assertThat(loop().complete(() -> created)).isEqualTo(StoreStatus.OK);
    assertThat(text(read(OID, 0, 4))).isEqualTo("kept");
  }

  @Test
  void listsAreAscendingAndByVdi() {
    ObjectId inode = ObjectId.inode(VID);
    ObjectId data0 = ObjectId.data(VID, 0);
    ObjectId vmstate = ObjectId.vmstate(VID, 1);
    ObjectId foreign = ObjectId.data(OTHER_VID, 1);
    for (ObjectId oid : List.of(inode, OID, vmstate, foreign, data0)) {
      create(oid, 0, "x");
    }
    assertThat(heldObjects()).containsExactly(foreign, data0, OID, vmstate, inode);
    assertThat(loop().ask(() -> store().objectsOf(VID)))
        .containsExactly(data0, OID, vmstate, inode);
    assertThat(loop().ask(() -> store().objectsOf(OTHER_VID))).containsExactly(foreign);
    assertThat(loop().ask(() -> store().objectsOf(new VdiId(5)))).isEmpty();
  }

  @Test
  void attributesAreWhatCreationGave() {
    create(OID, 0, "x");
    ObjectStore.AttributesOutcome outcome = loop().complete(() -> store().attributes(OID));
    assertThat(outcome.status()).isEqualTo(StoreStatus.OK);
    assertThat(outcome.attributes()).isEqualTo(ATTRIBUTES);
  }

  @Test
  void syncSucceedsWithAndWithoutUnsyncedWrites() {
    assertThat(loop().complete(() -> store().sync(VID))).isEqualTo(StoreStatus.OK);
    create(OID, 0, "abc");
    write(OID, 1, "x", false);
    assertThat(loop().complete(() -> store().sync(VID))).isEqualTo(StoreStatus.OK);
    assertThat(text(read(OID, 0, 3))).isEqualTo("axc");
  }

  @Test
  void objectSetAsideIsNoLongerHere() {
    create(OID, 0, "abc");
    assertThat(loop().complete(() -> store().setAside(OID, new Epoch(3))))
        .isEqualTo(StoreStatus.OK);
    assertThat(heldObjects()).isEmpty();
    assertThat(status(read(OID, 0, 1))).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(create(OID, 0, "new")).isEqualTo(StoreStatus.OK);
    assertThat(text(read(OID, 0, 3))).isEqualTo("new");
  }

  @Test
  void copiesSetAsideCanBeFoundAndRead() {
    assertThat(loop().ask(() -> store().epochsSetAside(OID))).isEmpty();
    for (int epoch : new int[] {5, 3}) {
      create(OID, 2, "copy" + epoch);
      loop().complete(() -> store().setAside(OID, new Epoch(epoch)));
    }
    create(OID, 2, "fresh");
    assertThat(loop().ask(() -> store().epochsSetAside(OID)))
        .containsExactly(new Epoch(3), new Epoch(5));
    assertThat(text(readAside(3, 2, 5))).isEqualTo("copy3");
    assertThat(text(readAside(5, 2, 5))).isEqualTo("copy5");
    assertThat(status(readAside(4, 2, 5))).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(status(readAside(5, SIZE - 1, 2))).isEqualTo(StoreStatus.OUT_OF_RANGE);
    assertThat(text(read(OID, 2, 5))).isEqualTo("fresh");

    reopen();

    assertThat(loop().ask(() -> store().epochsSetAside(OID)))
        .containsExactly(new Epoch(3), new Epoch(5));
    assertThat(text(readAside(3, 2, 5))).isEqualTo("copy3");
  }

  @Test
  void copySetAsideCanBePurged() {
    for (int epoch : new int[] {3, 5}) {
      create(OID, 2, "copy" + epoch);
      loop().complete(() -> store().setAside(OID, new Epoch(epoch)));
    }
    create(OID, 2, "fresh");
    assertThat(loop().ask(() -> store().objectsSetAside())).containsExactly(OID);

    assertThat(loop().complete(() -> store().purge(OID, new Epoch(3)))).isEqualTo(StoreStatus.OK);
    assertThat(loop().complete(() -> store().purge(OID, new Epoch(3))))
        .isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(loop().ask(() -> store().epochsSetAside(OID))).containsExactly(new Epoch(5));
    assertThat(status(readAside(3, 2, 5))).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(text(readAside(5, 2, 5))).isEqualTo("copy5");

    assertThat(loop().complete(() -> store().purge(OID, new Epoch(5)))).isEqualTo(StoreStatus.OK);
    assertThat(loop().ask(() -> store().objectsSetAside())).isEmpty();
    assertThat(text(read(OID, 2, 5))).isEqualTo("fresh");

    reopen();

    assertThat(loop().ask(() -> store().objectsSetAside())).isEmpty();
    assertThat(text(read(OID, 2, 5))).isEqualTo("fresh");
  }

  @Test
  void wipedStoreIsEmptyAndUsable() {
    create(OID, 0, "abc");
    create(ObjectId.inode(OTHER_VID), 0, "abc");
    loop().complete(() -> store().setAside(OID, new Epoch(3)));
    assertThat(loop().complete(() -> store().wipe())).isEqualTo(StoreStatus.OK);
    assertThat(heldObjects()).isEmpty();
    assertThat(loop().ask(() -> store().epochsSetAside(OID))).isEmpty();
    assertThat(create(OID, 0, "new")).isEqualTo(StoreStatus.OK);
    assertThat(text(read(OID, 0, 3))).isEqualTo("new");
  }

  @Test
  void spaceAddsUp() {
    create(OID, 0, "abc");
    StoreSpace space = loop().complete(() -> store().space());
    assertThat(space.total()).isPositive();
    assertThat(space.free()).isBetween(0L, space.total());
    assertThat(space.used()).isBetween(0L, space.total());
  }

  @Test
  void reopenedStoreHasEverything() {
    ObjectId aside = ObjectId.data(VID, 8);
    ObjectId removed = ObjectId.data(VID, 9);
    create(OID, 10, "abc");
    write(OID, SIZE - 3, "end", true);
    write(OID, 11, "X", false);
    create(aside, 0, "aside");
    create(removed, 0, "removed");
    create(ObjectId.inode(OTHER_VID), 0, "inode");
    loop().complete(() -> store().setAside(aside, new Epoch(2)));
    remove(removed);
    loop().complete(() -> store().sync(VID));

    reopen();

    assertThat(heldObjects()).containsExactly(OID, ObjectId.inode(OTHER_VID));
    assertThat(text(read(OID, 10, 3))).isEqualTo("aXc");
    assertThat(bytes(read(OID, 0, 10))).containsOnly(0);
    assertThat(text(read(OID, SIZE - 3, 3))).isEqualTo("end");
    assertThat(text(read(ObjectId.inode(OTHER_VID), 0, 5))).isEqualTo("inode");
    assertThat(loop().complete(() -> store().attributes(OID)).attributes()).isEqualTo(ATTRIBUTES);
  }

  @Test
  void whatWasWrittenIsDirtyAlsoWhenReopened() {
    ObjectId other = ObjectId.data(VID, 8);
    create(OID, 0, "abc");
    create(other, 0, "abc");
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID, other);
    remove(other);
    reopen();
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID);
  }

  @Test
  void checksumsAreThoseOfTheBytes() {
    create(OID, 70000, "abc");
    write(OID, SIZE - 3, "end", false);
    byte[] bytes = bytes(read(OID, 0, SIZE));
    ObjectDigest.Builder expected = new ObjectDigest.Builder(SIZE);
    expected.add(ByteBuffer.wrap(bytes));
    assertThat(digest(loop().complete(() -> store().digest(OID))).isSame(expected.build()))
        .isTrue();

    loop().complete(() -> store().setAside(OID, new Epoch(3)));
    assertThat(loop().complete(() -> store().digest(OID)).status())
        .isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(
            digest(loop().complete(() -> store().digestSetAside(OID, new Epoch(3))))
                .isSame(expected.build()))
        .isTrue();
    assertThat(loop().complete(() -> store().digestSetAside(OID, new Epoch(4))).status())
        .isEqualTo(StoreStatus.NO_OBJECT);
  }

  private static ObjectDigest digest(DigestOutcome outcome) {
    assertThat(outcome.status()).isEqualTo(StoreStatus.OK);
    return Objects.requireNonNull(outcome.digest());
  }

  @Test
  void anObjectIsCleanOnlyIfNothingHasChangedItSinceItWasSummedUp() {
    create(OID, 0, "abc");
    long version = loop().complete(() -> store().digest(OID)).version();
    write(OID, 0, "x", false);
    assertThat(markClean(version)).isEqualTo(StoreStatus.CHANGED);
    long first = loop().complete(() -> store().digest(OID)).version();
    create(OID, 0, "abc");
    assertThat(markClean(first)).isEqualTo(StoreStatus.CHANGED);
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID);

    long last = loop().complete(() -> store().digest(OID)).version();
    assertThat(markClean(last)).isEqualTo(StoreStatus.OK);
    assertThat(loop().ask(() -> store().dirtyObjects())).isEmpty();
    write(OID, 0, "x", false);
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID);
    assertThat(markClean(last)).isEqualTo(StoreStatus.CHANGED);
  }

  @Test
  void aPieceIsReadAndOverwrittenOnlyIfTheObjectIsStillOfThatVersion() {
    create(OID, 0, "0123456789");
    long version = loop().complete(() -> store().digest(OID)).version();
    assertThat(loop().complete(() -> store().digest(OID)).version()).isEqualTo(version);
    assertThat(text(readVersion(version, 2, 3))).isEqualTo("234");

    PatchOutcome patched = patch(version, 2, "abc");
    assertThat(patched.status()).isEqualTo(StoreStatus.OK);
    assertThat(patched.version()).isNotIn(version, 0L);
    assertThat(status(readVersion(version, 2, 3))).isEqualTo(StoreStatus.CHANGED);
    assertThat(text(readVersion(patched.version(), 0, 10))).isEqualTo("01abc56789");

    assertThat(patch(version, 0, "x").status()).isEqualTo(StoreStatus.CHANGED);
    write(OID, 9, "9", false);
    assertThat(patch(patched.version(), 0, "x").status()).isEqualTo(StoreStatus.CHANGED);
    assertThat(text(read(OID, 0, 10))).isEqualTo("01abc56789");
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID);
  }

  @Test
  void whatWasPatchedIsDirtyAndThereWhenReopened() {
    create(OID, 0, "0123456789");
    long version = loop().complete(() -> store().digest(OID)).version();
    assertThat(markClean(version)).isEqualTo(StoreStatus.OK);
    assertThat(patch(version, SIZE - 1, "xy").status()).isEqualTo(StoreStatus.OUT_OF_RANGE);
    version = loop().complete(() -> store().digest(OID)).version();
    assertThat(patch(version, 3, "abc").status()).isEqualTo(StoreStatus.OK);

    reopen();

    assertThat(text(read(OID, 0, 10))).isEqualTo("012abc6789");
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID);
  }

  @Test
  void bytesThatTheDiskHasChangedAreShownToNobodyUntilTheyAreOverwritten() {
    createClean();
    flip(OID, 70_000);
    assertThat(loop().ask(() -> store().dirtyObjects())).isEmpty();

    assertThat(text(read(OID, 0, 10))).isEqualTo("0123456789");
    assertThat(status(read(OID, 69_000, 8))).isEqualTo(StoreStatus.DAMAGED);
    assertThat(status(read(OID, 0, SIZE))).isEqualTo(StoreStatus.DAMAGED);
    assertThat(text(read(OID, 0, 10))).isEqualTo("0123456789");
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID);
    assertThat(loop().ask(() -> store().failure())).isNull();

    DigestOutcome summed = loop().complete(() -> store().digest(OID));
    ObjectDigest digest = digest(summed);
    for (int block = 0; block < digest.blocks(); block++) {
      assertThat(digest.isTrusted(block)).as("block %s", block).isEqualTo(block / 8 != 1);
    }
    assertThat(markClean(summed.version())).isEqualTo(StoreStatus.CHANGED);

    reopen();

    assertThat(status(read(OID, 69_000, 8))).isEqualTo(StoreStatus.DAMAGED);
    assertThat(text(read(OID, 0, 10))).isEqualTo("0123456789");
    write(OID, 65_536, "g".repeat(65_535), true);
    assertThat(status(read(OID, 131_064, 8))).isEqualTo(StoreStatus.DAMAGED);
    write(OID, 131_072 - 8_192, "g".repeat(8_192), true);
    assertThat(text(read(OID, 69_000, 8))).isEqualTo("g".repeat(8));
    assertThat(text(read(OID, 131_064, 8))).isEqualTo("g".repeat(8));
    assertThat(markClean(loop().complete(() -> store().digest(OID)).version()))
        .isEqualTo(StoreStatus.OK);
    reopen();
    assertThat(text(read(OID, 69_000, 8))).isEqualTo("g".repeat(8));
  }

  @Test
  void checksumsFindWhatNobodyHasRead() {
    createClean();
    flip(OID, SIZE - 1);
    ObjectDigest digest = digest(loop().complete(() -> store().digest(OID)));
    assertThat(digest.isTrusted(digest.blocks() - 1)).isFalse();
    assertThat(digest.isTrusted(0)).isTrue();
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID);
    write(OID, SIZE - 12, "the very end", true);
    digest = digest(loop().complete(() -> store().digest(OID)));
    assertThat(digest.isTrusted(digest.blocks() - 1)).isTrue();
  }

  @Test
  void whatWasWrittenSinceAnObjectWasCleanIsNotTakenForDamage() {
    createClean();
    write(OID, 70_000, "new", true);
    write(OID, 5, "abc", false);
    assertThat(text(read(OID, 70_000, 3))).isEqualTo("new");
    reopen();
    assertThat(text(read(OID, 70_000, 3))).isEqualTo("new");
    assertThat(text(read(OID, 0, 10))).isEqualTo("01234abc89");
    long version = loop().complete(() -> store().digest(OID)).version();
    assertThat(markClean(version)).isEqualTo(StoreStatus.OK);
    reopen();
    assertThat(text(read(OID, 0, 10))).isEqualTo("01234abc89");
    create(OID, 0, "replaced");
    assertThat(text(read(OID, 0, 8))).isEqualTo("replaced");
    reopen();
    assertThat(text(read(OID, 0, 8))).isEqualTo("replaced");
  }

  private void createClean() {
    create(OID, 0, "0123456789");
    write(OID, 69_998, "some data", true);
    long version = loop().complete(() -> store().digest(OID)).version();
    assertThat(markClean(version)).isEqualTo(StoreStatus.OK);
  }

  private ReadOutcome readVersion(long version, long offset, int length) {
    return loop().complete(() -> store().readVersion(OID, version, offset, length));
  }

  private PatchOutcome patch(long version, long offset, String text) {
    ByteBuf data = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    try {
      return loop().complete(() -> store().patch(OID, version, offset, data));
    } finally {
      data.release();
    }
  }

  private StoreStatus markClean(long version) {
    return loop().complete(() -> store().markClean(OID, version));
  }

  @Test
  void aCopyThatWasSetAsideCanBeTakenBack() {
    ObjectAttributes later = ATTRIBUTES.in(new Epoch(9));
    assertThat(takeBack(3, later)).isEqualTo(StoreStatus.NO_OBJECT);
    create(OID, 5, "old");
    write(OID, SIZE - 3, "end", false);
    loop().complete(() -> store().setAside(OID, new Epoch(3)));
    create(OID, 0, "newer");

    assertThat(takeBack(3, later)).isEqualTo(StoreStatus.OK);

    assertThat(loop().ask(() -> store().epochsSetAside(OID))).isEmpty();
    reopen();
    assertThat(loop().ask(() -> store().epochsSetAside(OID))).isEmpty();
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID);
    assertThat(bytes(read(OID, 0, 5))).containsOnly(0);
    assertThat(text(read(OID, 5, 3))).isEqualTo("old");
    assertThat(text(read(OID, SIZE - 3, 3))).isEqualTo("end");
    assertThat(loop().complete(() -> store().attributes(OID)).attributes()).isEqualTo(later);
  }

  private StoreStatus takeBack(int epoch, ObjectAttributes attributes) {
    return loop().complete(() -> store().takeBack(OID, new Epoch(epoch), attributes));
  }

  @Test
  void aCopyHasWhatItsSourceHasWhereTheDataIsNot() {
    create(OID, 5, "old");
    write(OID, 300_000, "middle", true);
    write(OID, SIZE - 3, "end", false);
    create(COPY, 100, "to be replaced");
    ObjectAttributes later = ATTRIBUTES.in(new Epoch(9));

    assertThat(copy(COPY, later, OID, 299_998, "data", true).status()).isEqualTo(StoreStatus.OK);

    for (int i = 0; i < 2; i++) {
      assertThat(bytes(read(COPY, 0, 5))).containsOnly(0);
      assertThat(text(read(COPY, 5, 3))).isEqualTo("old");
      assertThat(bytes(read(COPY, 8, 299_990))).containsOnly(0);
      assertThat(text(read(COPY, 299_998, 8))).isEqualTo("dataddle");
      assertThat(text(read(COPY, SIZE - 3, 3))).isEqualTo("end");
      assertThat(loop().complete(() -> store().attributes(COPY)).attributes()).isEqualTo(later);
      assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(OID, COPY);
      assertThat(text(read(OID, 300_000, 6))).isEqualTo("middle");
      reopen();
    }
    write(OID, 5, "one", true);
    write(COPY, SIZE - 3, "two", true);
    assertThat(text(read(COPY, 5, 3))).isEqualTo("old");
    assertThat(text(read(OID, SIZE - 3, 3))).isEqualTo("end");
  }

  @Test
  void aCopyThatCannotBeMadeChangesNothing() {
    create(COPY, 0, "0123456789");
    assertThat(copy(COPY, ATTRIBUTES, OID, 0, "data", true))
        .isEqualTo(CopyOutcome.failed(StoreStatus.NO_OBJECT));
    create(OID, 0, "source");
    ObjectAttributes larger = new ObjectAttributes(SIZE + 1, 2, 0, new Epoch(7));
    assertThat(copy(COPY, larger, OID, 0, "data", true).status()).isEqualTo(StoreStatus.NO_OBJECT);
    assertThat(copy(COPY, ATTRIBUTES, OID, SIZE - 3, "data", true).status())
        .isEqualTo(StoreStatus.OUT_OF_RANGE);
    assertThat(copy(COPY, ATTRIBUTES, OID, -1, "data", true).status())
        .isEqualTo(StoreStatus.OUT_OF_RANGE);
    ObjectId other = ObjectId.data(OTHER_VID, 4);
    loop().complete(() -> store().setAside(OID, new Epoch(3)));
    assertThat(copy(other, ATTRIBUTES, OID, 0, "data", true).status())
        .isEqualTo(StoreStatus.NO_OBJECT);

    reopen();

    assertThat(heldObjects()).containsExactly(COPY);
    assertThat(loop().ask(() -> store().dirtyObjects())).containsExactly(COPY);
    assertThat(text(read(COPY, 0, 10))).isEqualTo("0123456789");
  }

  @Test
  void copiesOfTheSameHaveTheSameChecksum() {
    ObjectId other = ObjectId.data(OTHER_VID, 4);
    create(OID, 5, "old");
    write(OID, 200_000, "more", true);
    create(other, 200_000, "more");
    write(other, 5, "old", true);
    long sum = copy(COPY, ATTRIBUTES, OID, 0, "data", true).sum();
    assertThat(copy(COPY, ATTRIBUTES, other, 0, "data", true).sum()).isEqualTo(sum);
    assertThat(copy(COPY, ATTRIBUTES, OID, 0, "data", false).sum()).isZero();
    createClean();
    create(other, 0, "0123456789");
    write(other, 69_998, "some data", true);
    sum = copy(COPY, ATTRIBUTES, OID, 0, "data", true).sum();
    assertThat(copy(COPY, ATTRIBUTES, other, 0, "data", true).sum()).isEqualTo(sum);
    write(other, SIZE - 1, "x", true);
    assertThat(copy(COPY, ATTRIBUTES, other, 0, "data", true).sum()).isNotEqualTo(sum);
  }

  @Test
  void bytesThatTheDiskHasChangedAreNotCopied() {
    createClean();
    assertThat(copy(COPY, ATTRIBUTES, OID, 0, "data", false).status()).isEqualTo(StoreStatus.OK);
    flip(OID, 70_000);
    for (boolean isSummed : List.of(true, false)) {
      assertThat(copy(COPY, ATTRIBUTES, OID, 4, "DATA", isSummed))
          .isEqualTo(CopyOutcome.failed(StoreStatus.DAMAGED));
    }
    assertThat(text(read(COPY, 0, 10))).isEqualTo("data456789");
    assertThat(status(read(OID, 69_000, 8))).isEqualTo(StoreStatus.DAMAGED);
    assertThat(copy(COPY, ATTRIBUTES, OID, 4, "DATA", false).status())
        .isEqualTo(StoreStatus.DAMAGED);
  }

  private CopyOutcome copy(
      ObjectId oid,
      ObjectAttributes attributes,
      ObjectId source,
      long offset,
      String text,
      boolean isSummed) {
    ByteBuf data = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    try {
      return loop().complete(() -> store().copy(oid, attributes, source, offset, data, isSummed));
    } finally {
      data.release();
    }
  }

  private List<ObjectId> heldObjects() {
    return loop()
        .ask(
            () -> {
              List<ObjectId> objects = store().objects();
              assertThat(objects).allMatch(oid -> store().holds(oid));
              return objects;
            });
  }

  private StoreStatus create(ObjectId oid, long offset, String text) {
    return withBuffer(text, data -> store().create(oid, ATTRIBUTES, offset, data));
  }

  private StoreStatus write(ObjectId oid, long offset, String text, boolean durable) {
    return withBuffer(text, data -> store().write(oid, offset, data, durable));
  }

  private StoreStatus remove(ObjectId oid) {
    return loop().complete(() -> store().remove(oid));
  }

  private ReadOutcome read(ObjectId oid, long offset, int length) {
    return loop().complete(() -> store().read(oid, offset, length));
  }

  private ReadOutcome readAside(int epoch, long offset, int length) {
    return loop().complete(() -> store().readSetAside(OID, new Epoch(epoch), offset, length));
  }

  private StoreStatus withBuffer(
      String text, Function<ByteBuf, CompletionStage<StoreStatus>> operation) {
    ByteBuf data = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    try {
      return loop().complete(() -> operation.apply(data));
    } finally {
      data.release();
    }
  }

  private static StoreStatus status(ReadOutcome outcome) {
    outcome.data().release();
    return outcome.status();
  }

  private static byte[] bytes(ReadOutcome outcome) {
    assertThat(outcome.status()).isEqualTo(StoreStatus.OK);
    byte[] bytes = ByteBufUtil.getBytes(outcome.data());
    outcome.data().release();
    return bytes;
  }

  private static String text(ReadOutcome outcome) {
    return new String(bytes(outcome), StandardCharsets.UTF_8);
  }
}
