package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.RecoveryState;
import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolVersion;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.NameTag;
import io.sheepdog.protocol.payload.SheepTime;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * A node in memory that keeps the rules of object requests: what is written without durability is
 * lost by {@link #losePower} unless a flush came; a snapshot's vid is read-only; an index entry
 * names only what exists; an object that its VDI stops naming is gone.
 */
public final class MemoryBlockHost implements BlockHost {
  /** Objects are as small as they can be. */
  public static final int SHIFT = 20;

  /** Bytes of an object. */
  public static final int OBJECT = 1 << SHIFT;

  /** Bytes of a VDI that {@link #create} makes: no multiple of an object. */
  public static final long SIZE = 8L * OBJECT + 1536;

  private final Map<ObjectId, byte[]> memory = new HashMap<>();
  private final Map<ObjectId, byte[]> disk = new HashMap<>();
  private final Map<VdiId, int[]> index = new HashMap<>();
  private final Map<VdiId, int[]> durableIndex = new HashMap<>();
  private final Set<ClientSession> open = new HashSet<>();

  /** Generations of the locks that sessions took. */
  private final Map<ClientSession, Long> locked = new HashMap<>();

  private final ArrayDeque<Runnable> held = new ArrayDeque<>();
  private final List<Request> requests = new ArrayList<>();
  private ClusterState state;
  private long sessions;
  private int nextVid = 1;
  private Predicate<Request> holds = request -> false;
  private Map<Opcode, ResultCode> failures = Map.of();

  /** A running cluster without VDIs. */
  public MemoryBlockHost() {
    state =
        new ClusterState(
            1,
            ClusterStatus.RUNNING,
            0,
            0,
            new ClusterConfig(SheepTime.NONE, 1, 0, SHIFT, 0),
            TreePVector.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            TreePMap.empty(),
            VdiDirectory.EMPTY,
            LockTable.EMPTY,
            RecoveryState.NONE);
  }

  @Override
  public ClusterState state() {
    return state;
  }

  private void become(ClusterStatus status, VdiDirectory directory, LockTable locks) {
    state =
        new ClusterState(
            state.sequence() + 1,
            status,
            0,
            0,
            state.config(),
            state.history(),
            state.members(),
            state.refused(),
            state.ready(),
            directory,
            locks,
            state.recovery());
  }

  /** The cluster's status changes. */
  public void become(ClusterStatus status) {
    become(status, state.directory(), state.locks());
  }

  /** Makes an empty VDI. */
  public VdiId create(String name) {
    return create(name, SIZE);
  }

  /** Makes an empty VDI of that many bytes. */
  public VdiId create(String name, long size) {
    return put(name, size, 1, VdiId.NONE);
  }

  /** Makes a VDI larger. */
  public void resize(String name, long size) {
    VdiEntry head = Objects.requireNonNull(state.directory().head(name));
    int objects = (int) ((size + OBJECT - 1) / OBJECT);
    index.compute(head.vid(), (vid, entries) -> Arrays.copyOf(entries, objects));
    durableIndex.compute(head.vid(), (vid, entries) -> Arrays.copyOf(entries, objects));
    become(
        state.status(),
        state.directory().put(head.withClientFields(head.tag(), size, 0, 0)),
        state.locks());
  }

  private VdiId put(String name, long size, int snapshotId, VdiId parent) {
    VdiId vid = new VdiId(nextVid++);
    VdiEntry entry =
        new VdiEntry(
            vid,
            State.HEAD,
            name,
            "",
            snapshotId,
            parent,
            new SheepTime(1L << 32),
            SheepTime.NONE,
            size,
            0,
            0,
            1,
            0,
            0,
            SHIFT);
    int objects = Math.max(16, (int) ((size + OBJECT - 1) / OBJECT));
    index.put(vid, new int[objects]);
    durableIndex.put(vid, new int[objects]);
    become(state.status(), state.directory().put(entry), state.locks());
    return vid;
  }

  /** Takes a snapshot: the VDI has a new vid then, and its lock goes with it. */
  public void snapshot(String name, String tag) {
    VdiEntry head = Objects.requireNonNull(state.directory().head(name));
    flushNow();
    VdiDirectory before =
        state
            .directory()
            .put(head.asSnapshot(new SheepTime(2L << 32)).withClientFields(tag, head.size(), 0, 0));
    become(state.status(), before, state.locks());
    VdiId vid = put(name, head.size(), head.snapshotId() + 1, head.vid());
    index.put(vid, entries(index, head.vid()).clone());
    durableIndex.put(vid, entries(index, head.vid()).clone());
    VdiLock lock = state.locks().of(head.vid());
    if (lock != null) {
      become(state.status(), state.directory(), state.locks().moveHead(lock, vid));
    }
  }

  /** A snapshot is deleted: its inode is that of a tombstone then, and what only it had is gone. */
  public void delete(VdiId vid) {
    VdiEntry entry = Objects.requireNonNull(state.directory().entry(vid));
    become(state.status(), state.directory().put(entry.asTombstone()), state.locks());
    Arrays.fill(entries(index, vid), 0);
    memory.keySet().removeIf(oid -> oid.vid().equals(vid));
  }

  /** Makes many objects of a VDI without any data, as if somebody had written them. */
  public void fill(VdiId vid) {
    Arrays.fill(entries(index, vid), vid.value());
  }

  /** Somebody locks a VDI, from another host. */
  public void lockElsewhere(String name) {
    VdiEntry head = Objects.requireNonNull(state.directory().head(name));
    lock(head.vid(), "10.0.0.9", LockKind.CLIENT);
  }

  private void lock(VdiId vid, String client, LockKind kind) {
    become(
        state.status(),
        state.directory(),
        state
            .locks()
            .grant(
                vid,
                new MemberId(1),
                NodeAddress.parse("10.0.0.1:7000"),
                client,
                kind,
                new SheepTime(3L << 32)));
  }

  /** An administrator ends the lock of a VDI. */
  public void unlock(String name) {
    VdiEntry head = Objects.requireNonNull(state.directory().head(name));
    VdiLock lock = Objects.requireNonNull(state.locks().of(head.vid()));
    become(state.status(), state.directory(), state.locks().release(lock));
  }

  /** Whether a VDI is locked. */
  public boolean isLocked(String name) {
    VdiEntry head = Objects.requireNonNull(state.directory().head(name));
    return state.locks().of(head.vid()) != null;
  }

  /** Requests of that kind are answered only by {@link #release}. */
  public void hold(Predicate<Request> which) {
    holds = which;
  }

  /** Answers what is held, and holds nothing any more. */
  public void release() {
    holds = request -> false;
    for (Runnable next = held.poll(); next != null; next = held.poll()) {
      next.run();
    }
  }

  /** Requests of that kind fail. */
  public void fail(Map<Opcode, ResultCode> how) {
    failures = how;
  }

  /** All nodes lose power: what was not durable is gone. */
  public void losePower() {
    memory.clear();
    disk.forEach((oid, bytes) -> memory.put(oid, bytes.clone()));
    index.replaceAll((vid, entries) -> entries(durableIndex, vid).clone());
  }

  /** Requests that came, the oldest first. */
  public List<Request> requests() {
    return requests;
  }

  /** How many requests of a kind came. */
  public long count(Opcode opcode) {
    return requests.stream().filter(r -> r.operation() == opcode).count();
  }

  /** Ids of all data objects. */
  public Set<ObjectId> objects() {
    return Set.copyOf(memory.keySet());
  }

  private static int[] entries(Map<VdiId, int[]> table, VdiId vid) {
    return Objects.requireNonNull(table.get(vid));
  }

  /** The index entry of a VDI's object. */
  public int owner(VdiId vid, int number) {
    return entries(index, vid)[number];
  }

  /** Sessions that are open. */
  public int sessions() {
    return open.size();
  }

  @Override
  public ClientSession openSession(String clientAddress) {
    ClientSession session = new ClientSession(++sessions, clientAddress);
    open.add(session);
    session.onClose(() -> closed(session));
    return session;
  }

  private void closed(ClientSession session) {
    open.remove(session);
    Long generation = locked.remove(session);
    VdiLock lock = generation == null ? null : state.locks().ofGeneration(generation);
    if (lock != null) {
      become(state.status(), state.directory(), state.locks().release(lock));
    }
  }

  @Override
  public CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload) {
    requests.add(request);
    byte[] bytes = ByteBufUtil.getBytes(payload);
    CompletableFuture<Reply> result = new CompletableFuture<>();
    Runnable answer = () -> result.complete(answer(session, request, bytes));
    if (holds.test(request)) {
      held.add(answer);
    } else {
      answer.run();
    }
    return result;
  }

  private Reply answer(ClientSession session, Request request, byte[] bytes) {
    ResultCode failure = failures.get(Objects.requireNonNull(request.operation()));
    if (failure != null) {
      return reply(request, failure, null);
    }
    if (request.operation() == Opcode.LOCK_VDI) {
      return reply(request, lock(session, bytes), null);
    }
    ObjectBody body = (ObjectBody) request.body();
    return switch (Objects.requireNonNull(request.operation())) {
      case READ_OBJ -> read(request, body);
      case WRITE_OBJ ->
          reply(
              request,
              body.oid().kind() == ObjectKind.INODE
                  ? writeIndex(request, body, bytes)
                  : write(request, body, bytes),
              null);
      case CREATE_AND_WRITE_OBJ -> reply(request, make(request, body, bytes), null);
      case FLUSH_VDI -> {
        flushNow();
        yield reply(request, ResultCode.SUCCESS, null);
      }
      default -> throw new AssertionError("unexpected request " + request);
    };
  }

  private ResultCode lock(ClientSession session, byte[] bytes) {
    NameTag name = NameTag.decode(Unpooled.wrappedBuffer(bytes), bytes.length);
    VdiEntry head = state.directory().head(name.name());
    if (head == null) {
      return ResultCode.NO_VDI;
    }
    if (state.locks().of(head.vid()) != null) {
      return ResultCode.VDI_LOCKED;
    }
    lock(head.vid(), session.clientAddress(), LockKind.ATTACHED);
    locked.put(session, Objects.requireNonNull(state.locks().of(head.vid())).generation());
    return ResultCode.SUCCESS;
  }

  private Reply read(Request request, ObjectBody body) {
    int from = (int) body.offset();
    if (body.oid().kind() == ObjectKind.INODE && from < InodeLayout.INDEX_OFFSET) {
      VdiEntry entry = Objects.requireNonNull(state.directory().entry(body.oid().vid()));
      byte[] header = new byte[InodeLayout.HEADER_SIZE];
      byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
      System.arraycopy(name, 0, header, 0, name.length);
      return reply(
          request, ResultCode.SUCCESS, Unpooled.wrappedBuffer(header, from, request.dataLength()));
    }
    if (body.oid().kind() == ObjectKind.INODE) {
      int first = (from - InodeLayout.INDEX_OFFSET) / InodeLayout.INDEX_ENTRY_SIZE;
      ByteBuf entries = Unpooled.buffer();
      for (int i = 0; i < request.dataLength() / InodeLayout.INDEX_ENTRY_SIZE; i++) {
        entries.writeIntLE(entries(index, body.oid().vid())[first + i]);
      }
      return reply(request, ResultCode.SUCCESS, entries);
    }
    byte[] object = memory.get(body.oid());
    return object == null
        ? reply(request, ResultCode.NO_OBJ, null)
        : reply(
            request,
            ResultCode.SUCCESS,
            Unpooled.wrappedBuffer(Arrays.copyOfRange(object, from, from + request.dataLength())));
  }

  private boolean isSnapshot(VdiId vid) {
    VdiEntry entry = state.directory().entry(vid);
    return entry == null || entry.state() != State.HEAD;
  }

  private ResultCode write(Request request, ObjectBody body, byte[] bytes) {
    if (isSnapshot(body.oid().vid())) {
      return ResultCode.READONLY;
    }
    byte[] object = memory.get(body.oid());
    if (object == null) {
      return ResultCode.NO_OBJ;
    }
    System.arraycopy(bytes, 0, object, (int) body.offset(), bytes.length);
    if (!request.hasFlag(RequestFlags.CACHE)) {
      disk.put(body.oid(), object.clone());
    }
    return ResultCode.SUCCESS;
  }

  private ResultCode make(Request request, ObjectBody body, byte[] bytes) {
    if (isSnapshot(body.oid().vid())) {
      return ResultCode.READONLY;
    }
    byte[] object = new byte[OBJECT];
    if (request.hasFlag(RequestFlags.COW)) {
      byte[] source = memory.get(body.cowOid());
      if (source == null) {
        return ResultCode.NO_OBJ;
      }
      object = source.clone();
    }
    System.arraycopy(bytes, 0, object, (int) body.offset(), bytes.length);
    memory.put(body.oid(), object);
    disk.put(body.oid(), object.clone());
    return ResultCode.SUCCESS;
  }

  private ResultCode writeIndex(Request request, ObjectBody body, byte[] bytes) {
    VdiId vid = body.oid().vid();
    if (isSnapshot(vid)) {
      // what dog does before it deletes a snapshot is not needed, and changes nothing
      boolean ofDog = request.protocolVersion() == ProtocolVersion.PUBLIC;
      return ofDog ? ResultCode.SUCCESS : ResultCode.READONLY;
    }
    int first = ((int) body.offset() - InodeLayout.INDEX_OFFSET) / InodeLayout.INDEX_ENTRY_SIZE;
    ByteBuf entries = Unpooled.wrappedBuffer(bytes);
    boolean durable = !request.hasFlag(RequestFlags.CACHE);
    for (int i = first; entries.isReadable(); i++) {
      int owner = entries.readIntLE();
      if (owner != 0 && !disk.containsKey(ObjectId.data(new VdiId(owner), i))) {
        throw new AssertionError("the index names object " + i + ", which is not durable (R7)");
      }
      if (owner == 0 && entries(index, vid)[i] == vid.value()) {
        memory.remove(ObjectId.data(vid, i));
        disk.remove(ObjectId.data(vid, i));
      }
      entries(index, vid)[i] = owner;
      if (durable || owner == 0) {
        entries(durableIndex, vid)[i] = owner;
      }
    }
    return ResultCode.SUCCESS;
  }

  private void flushNow() {
    memory.forEach((oid, bytes) -> disk.put(oid, bytes.clone()));
    index.forEach((vid, entries) -> durableIndex.put(vid, entries.clone()));
  }

  private static Reply reply(Request request, ResultCode code, @Nullable ByteBuf data) {
    Response header = Response.to(request, new Epoch(1), code);
    return data == null
        ? new Reply(header, Unpooled.EMPTY_BUFFER)
        : new Reply(header.withDataLength(data.readableBytes()), data);
  }
}
