package io.sheepdog.cli;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.ClusterDefaultReply;
import io.sheepdog.protocol.message.NoBody;
import io.sheepdog.protocol.message.NodeReply;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseBody;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.payload.EpochLogEntry;
import io.sheepdog.protocol.payload.MdInfo;
import io.sheepdog.protocol.payload.MdInfo.DiskInfo;
import io.sheepdog.protocol.payload.NbdService;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.ObjectComparison;
import io.sheepdog.protocol.payload.RecoveryStatePayload;
import io.sheepdog.protocol.payload.RecoveryThrottle;
import io.sheepdog.protocol.payload.SheepStat;
import io.sheepdog.protocol.payload.SheepTime;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A small cluster in memory, whose daemons all answer alike. */
final class FakeWorld {
  static final int GIB = 1 << 30;

  final FakeVdis vdis = new FakeVdis();
  final List<NodeEntry> nodes = new ArrayList<>();
  final List<EpochLogEntry> epochs = new ArrayList<>();
  final List<Request> requests = new ArrayList<>();
  final Map<Opcode, ResultCode> failures = new EnumMap<>(Opcode.class);
  ResultCode status = ResultCode.SUCCESS;

  /** Not so: a daemon that knows VDI_USAGE as little as the original does. */
  boolean countsObjects = true;

  /** What the daemon says of why it serves nothing. */
  String reason = "";

  /** Where the daemon says that it serves NBD. */
  NbdService nbd = new NbdService(false, false, 10809, "127.0.0.1", "/var/lib/sheepdog/nbd.sock");

  int master;
  int logLevel = 6;

  /** What a node says of its recovery, each answer once, the last again and again. */
  final Deque<RecoveryStatePayload> recovery = new ArrayDeque<>();

  /** What comparing the copies of an object finds, each once, the last again and again. */
  final Map<ObjectId, Deque<ObjectComparison>> comparisons = new HashMap<>();

  RecoveryThrottle throttle = new RecoveryThrottle(0, 0, false);

  /** What came with the last request. */
  byte[] lastPayload = {};

  FakeWorld node(String address, int zone) {
    nodes.add(NodeEntry.of(NodeAddress.parse(address), 128, zone, 0));
    return this;
  }

  /** An epoch of the nodes that there are now. */
  FakeWorld epoch(int number, long ctime, long time, int copies) {
    boolean first = epochs.isEmpty();
    epochs.add(
        0,
        new EpochLogEntry(
            new SheepTime(ctime << 32),
            time,
            new Epoch(number),
            false,
            copies,
            0,
            ClusterFlags.AUTO_VNODES | ClusterFlags.USE_LOCK,
            first || copies > 0 ? "plain" : "",
            nodes));
    return this;
  }

  /** A daemon that is no member of the cluster, for this reason. */
  FakeWorld absent(String why) {
    status = ResultCode.WAIT_FOR_JOIN;
    reason = why;
    failures.put(Opcode.GET_NODE_LIST, status);
    failures.put(Opcode.GET_VDI_COPIES, status);
    return this;
  }

  /** Unformatted: no epoch, nothing but administration works. */
  FakeWorld unformatted() {
    status = ResultCode.WAIT_FOR_FORMAT;
    return this;
  }

  synchronized List<Request> requests(Opcode opcode) {
    return requests.stream().filter(request -> request.operation() == opcode).toList();
  }

  synchronized Reply answer(Request request, ByteBuf payload) {
    requests.add(request);
    lastPayload = ByteBufUtil.getBytes(payload);
    Opcode opcode = Objects.requireNonNull(request.operation());
    ResultCode failure = failures.get(opcode);
    if (failure != null) {
      return reply(request, failure, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
    }
    return switch (opcode) {
      case NODE_STATUS ->
          reply(
              request,
              ResultCode.SUCCESS,
              NoBody.INSTANCE,
              Unpooled.copiedBuffer(reason, StandardCharsets.UTF_8));
      case NODE_NBD -> {
        ByteBuf out = Unpooled.buffer();
        nbd.encode(out);
        yield reply(request, ResultCode.SUCCESS, NoBody.INSTANCE, out);
      }
      case GET_NODE_LIST -> nodeList(request);
      case STAT_CLUSTER -> clusterStatus(request);
      case STAT_SHEEP ->
          status == ResultCode.SUCCESS
              ? reply(
                  request,
                  ResultCode.SUCCESS,
                  new NodeReply(0, 40L * GIB, 40L * GIB - 1288490189L),
                  Unpooled.EMPTY_BUFFER)
              : reply(request, status, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
      case GET_CLUSTER_DEFAULT ->
          reply(
              request,
              status == ResultCode.WAIT_FOR_FORMAT ? status : ResultCode.SUCCESS,
              new ClusterDefaultReply(3, 0, 22),
              Unpooled.EMPTY_BUFFER);
      case MAKE_FS -> {
        status = ResultCode.SUCCESS;
        yield reply(request, ResultCode.SUCCESS, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
      }
      case SHUTDOWN,
          ENABLE_RECOVER,
          DISABLE_RECOVER,
          ALTER_VDI_COPY,
          ALTER_CLUSTER_COPY,
          REWEIGHT,
          SET_VNODES ->
          reply(request, ResultCode.SUCCESS, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
      case FORCE_RECOVER -> {
        status = ResultCode.SUCCESS;
        yield reply(request, ResultCode.SUCCESS, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
      }
      case STAT_RECOVERY -> recovery(request);
      case GET_RECOVERY -> {
        ByteBuf out = Unpooled.buffer();
        throttle.encode(out);
        yield reply(request, ResultCode.SUCCESS, NoBody.INSTANCE, out);
      }
      case SET_RECOVERY -> {
        throttle = RecoveryThrottle.decode(payload);
        yield reply(request, ResultCode.SUCCESS, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
      }
      case PEER_COMPARE -> comparison(request);
      case VDI_LOCKS -> reply(request, status, NoBody.INSTANCE, vdis.locks());
      case VDI_USAGE -> usages(request);
      case GET_VDI_ATTR -> vdis.attribute(request, payload);
      case KILL_NODE -> reply(request, ResultCode.SUCCESS, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
      case GET_LOGLEVEL ->
          reply(
              request, ResultCode.SUCCESS, NoBody.INSTANCE, Unpooled.buffer().writeIntLE(logLevel));
      case SET_LOGLEVEL -> {
        logLevel = payload.readIntLE();
        yield reply(request, ResultCode.SUCCESS, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
      }
      case STAT -> {
        ByteBuf out = Unpooled.buffer();
        new SheepStat(1, 2, 3, 4, 5 << 20, 6 << 20, 7 << 20, 8 << 20, 9, 10, 11, 12, 13, 14, 15)
            .encode(out);
        yield reply(request, status, NoBody.INSTANCE, out);
      }
      case MD_INFO -> {
        ByteBuf out = Unpooled.buffer();
        new MdInfo(List.of(new DiskInfo(0, 30L << 30, 10L << 30, "/store/obj"))).encode(out);
        yield reply(request, status, NoBody.INSTANCE, out);
      }
      case READ_VDIS, READ_DEL_VDIS, GET_VDI_COPIES -> {
        ByteBuf list = vdis.list(opcode, request.dataLength());
        yield reply(
            request,
            list.capacity() == 0 && opcode == Opcode.GET_VDI_COPIES && !vdis.isEmpty()
                ? ResultCode.BUFFER_SMALL
                : ResultCode.SUCCESS,
            NoBody.INSTANCE,
            list);
      }
      default -> aboutVdis(request, opcode, payload);
    };
  }

  private int unreadable;

  /** The inode of that VDI cannot be read any more. */
  void unreadable(int vid) {
    unreadable = vid;
  }

  private Reply usages(Request request) {
    if (unreadable != 0) {
      PeerReply about = new PeerReply(1, 1, unreadable);
      return reply(request, ResultCode.EIO, about, Unpooled.EMPTY_BUFFER);
    }
    return countsObjects && status == ResultCode.SUCCESS
        ? vdis.usages(request)
        : reply(
            request,
            countsObjects ? status : ResultCode.INVALID_PARMS,
            NoBody.INSTANCE,
            Unpooled.EMPTY_BUFFER);
  }

  private Reply comparison(Request request) {
    ObjectId oid = ((PeerBody) request.body()).oid();
    Deque<ObjectComparison> planned = comparisons.get(oid);
    ObjectComparison found =
        planned == null
            ? new ObjectComparison(ObjectComparison.Outcome.SAME, 0, List.of())
            : planned.size() > 1 ? planned.remove() : planned.element();
    ByteBuf out = Unpooled.buffer();
    found.encode(out);
    return reply(request, ResultCode.SUCCESS, new PeerReply(1, 1, 0), out);
  }

  private Reply recovery(Request request) {
    ByteBuf out = Unpooled.buffer();
    (recovery.size() > 1 ? recovery.remove() : recovery.element()).encode(out);
    return reply(request, ResultCode.SUCCESS, NoBody.INSTANCE, out);
  }

  private Reply aboutVdis(Request request, Opcode opcode, ByteBuf payload) {
    if (opcode == Opcode.EXIST && request.body() instanceof ObjectBody body) {
      boolean has = vdis.has(body.oid());
      return reply(
          request,
          has ? ResultCode.SUCCESS : ResultCode.NO_OBJ,
          NoBody.INSTANCE,
          Unpooled.EMPTY_BUFFER);
    }
    if (status != ResultCode.SUCCESS) {
      return reply(request, status, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
    }
    if (request.body() instanceof VdiBody body) {
      return vdis.named(request, opcode, body, payload);
    }
    ObjectBody body = (ObjectBody) request.body();
    return opcode == Opcode.READ_OBJ
        ? vdis.read(request, body.oid(), (int) body.offset())
        : vdis.write(request, opcode, body, payload);
  }

  private Reply nodeList(Request request) {
    ByteBuf out = Unpooled.buffer();
    nodes.forEach(node -> node.encode(out));
    return reply(request, ResultCode.SUCCESS, new NodeReply(nodes.size(), 0, master, 0, 0), out);
  }

  private Reply clusterStatus(Request request) {
    int slots = (int) ((ClusterBody) request.body()).nodeSlots();
    int count = Math.min(request.dataLength() / EpochLogEntry.size(slots), epochs.size());
    ByteBuf out = Unpooled.buffer();
    for (EpochLogEntry epoch : epochs.subList(0, count)) {
      if (epoch.nodes().size() > slots) {
        return reply(request, ResultCode.BUFFER_SMALL, NoBody.INSTANCE, Unpooled.EMPTY_BUFFER);
      }
      epoch.encode(out, slots);
    }
    return reply(request, status, NoBody.INSTANCE, out);
  }

  private Reply reply(Request request, ResultCode code, ResponseBody body, ByteBuf payload) {
    Epoch epoch = epochs.isEmpty() ? Epoch.ZERO : epochs.get(0).epoch();
    return new Reply(Response.to(request, epoch, code, body), payload);
  }

  boolean holds(ObjectId oid) {
    return vdis.has(oid);
  }
}
