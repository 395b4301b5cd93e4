package io.sheepdog.integration.golden;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.inode.InodeLayout;

/** Names for every byte of a reply (wire protocol, sections 2 and 6; object model, section 3). */
final class ReplyLayouts {
  private static final int OPCODE_OFFSET = 1;
  private static final int OID_OFFSET = 16;
  private static final int OBJECT_OFFSET_OFFSET = 40;
  private static final int NODE_SLOTS_OFFSET = 40;
  private static final int BODY_START = 20;
  private static final int NODE_SIZE = 80;
  private static final int REPORT_HEADER_SIZE = 48;
  private static final int CHUNK = 16;

  private static final Layout PREFIX =
      Layout.sequence(
          "proto_ver:1", "opcode:1", "flags:2", "epoch:4", "id:4", "data_length:4", "result:4");
  private static final Layout VDI_BODY =
      Layout.sequence(
          "reserved:4", "vdi_id:4", "attr_id:4", "copies:1", "block_size_shift:1", "unused:14");
  private static final Layout NODE_BODY =
      Layout.sequence("nr_nodes:4", "reserved:8", "store_size:8", "store_free:8");
  private static final Layout DEFAULT_BODY =
      Layout.sequence("nr_copies:1", "copy_policy:1", "block_size_shift:1", "unused:25");
  private static final Layout OBJECT_BODY =
      Layout.sequence("copies:1", "reserved:3", "offset:8", "unused:16");

  private static final Layout NODE =
      Layout.sequence(
          "pointers:24",
          "addr:16",
          "port:2",
          "io_addr:16",
          "io_port:2",
          "unused:4",
          "nr_vnodes:2",
          "unused:2",
          "zone:4",
          "space:8");
  private static final Layout NODES = Layout.repeated("node", NODE_SIZE, NODE);
  private static final Layout EPOCH =
      Layout.sequence(
          "ctime:8",
          "time:8",
          "epoch:4",
          "nr_nodes:4",
          "disable_recovery:1",
          "nr_copies:1",
          "copy_policy:1",
          "unused:3",
          "flags:2",
          "drv_name:16");
  private static final Layout CLUSTER =
      Layout.sequence(
          "proto_ver:1",
          "disable_recovery:1",
          "nr_nodes:2",
          "epoch:4",
          "ctime:8",
          "flags:2",
          "nr_copies:1",
          "copy_policy:1",
          "status:1",
          "block_size_shift:1",
          "unused:3",
          "default_store:16",
          "unused:7");
  private static final Layout INODE_HEADER =
      Layout.sequence(
          "name:256",
          "tag:256",
          "create_time:8",
          "snap_ctime:8",
          "vm_clock_nsec:8",
          "vdi_size:8",
          "vm_state_size:8",
          "copy_policy:1",
          "store_policy:1",
          "nr_copies:1",
          "block_size_shift:1",
          "snap_id:4",
          "vdi_id:4",
          "parent_vdi_id:4",
          "btree_counter:4",
          "unused:4092");
  private static final Layout INODE =
      Layout.concat(
          INODE_HEADER,
          InodeLayout.HEADER_SIZE,
          Layout.concat(
              Layout.repeated("index", 4, Layout.sequence("vid:4")),
              InodeLayout.INDEX_SIZE,
              Layout.repeated("gref", 8, Layout.sequence("generation:4", "count:4"))));
  private static final Layout VDI_STATE =
      Layout.sequence(
          "vid:4",
          "nr_copies:1",
          "snapshot:1",
          "deleted:1",
          "copy_policy:1",
          "block_size_shift:1",
          "unused:3",
          "parent_vid:4",
          "lock_state:4",
          "lock_owner:40",
          "nr_participants:4",
          "participants_state:124",
          "participants:1240");
  private static final int VDI_STATE_SIZE = 1428;

  private ReplyLayouts() {}

  /** The 48 header bytes. */
  static Layout header(ByteBuf request) {
    return Layout.concat(PREFIX, BODY_START, body(request));
  }

  private static Layout body(ByteBuf request) {
    return switch (operation(request)) {
      case NEW_VDI, LOCK_VDI, RELEASE_VDI, GET_VDI_INFO, DEL_VDI, GET_VDI_ATTR -> VDI_BODY;
      case GET_NODE_LIST, STAT_SHEEP -> NODE_BODY;
      case GET_CLUSTER_DEFAULT -> DEFAULT_BODY;
      default -> OBJECT_BODY;
    };
  }

  /** What follows the header. */
  static Layout payload(ByteBuf request) {
    return switch (operation(request)) {
      case READ_OBJ -> object(request);
      case READ_VDIS, READ_DEL_VDIS -> Layout.chunks("bits", 1);
      case GET_NODE_LIST -> NODES;
      case STAT_CLUSTER -> epochs(request.getIntLE(NODE_SLOTS_OFFSET));
      case CLUSTER_INFO -> Layout.concat(CLUSTER, REPORT_HEADER_SIZE, NODES);
      case GET_VDI_COPIES -> Layout.repeated("vdi", VDI_STATE_SIZE, VDI_STATE);
      case STAT -> Layout.chunks("counters", 8);
      default -> Layout.chunks("data", CHUNK);
    };
  }

  private static Layout epochs(int slots) {
    int size = REPORT_HEADER_SIZE + slots * NODE_SIZE;
    return Layout.repeated("epoch", size, Layout.concat(EPOCH, REPORT_HEADER_SIZE, NODES));
  }

  private static Layout object(ByteBuf request) {
    return new ObjectId(request.getLongLE(OID_OFFSET)).kind() == ObjectKind.INODE
        ? Layout.from(INODE, request.getIntLE(OBJECT_OFFSET_OFFSET))
        : Layout.chunks("data", CHUNK);
  }

  private static Opcode operation(ByteBuf request) {
    int code = request.getUnsignedByte(OPCODE_OFFSET);
    Opcode opcode = Opcode.fromCode(code);
    if (opcode == null) {
      throw new AssertionError("a recorded request has opcode " + code);
    }
    return opcode;
  }
}
