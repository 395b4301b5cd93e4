package io.sheepdog.nativebindings.quorum;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import org.jspecify.annotations.Nullable;

/** corosync/quorum.h. All functions return {@code cs_error_t}. */
interface QuorumLibrary extends Library {
  String NAME = "libquorum.so.5";
  String DEBIAN_PACKAGE = "libquorum5";

  int QUORUM_MODEL_V1 = 1;
  int QUORUM_SET = 1;

  /** corosync/corotypes.h. */
  int CS_TRACK_CURRENT = 0x01;

  int CS_TRACK_CHANGES = 0x02;
  int CS_DISPATCH_ALL = 2;

  int quorum_model_initialize(
      LongByReference handle,
      int model,
      QuorumModelV1Data modelData,
      IntByReference quorumType,
      @Nullable Pointer context);

  int quorum_finalize(long handle);

  int quorum_fd_get(long handle, IntByReference fd);

  int quorum_dispatch(long handle, int dispatchTypes);

  int quorum_getquorate(long handle, IntByReference quorate);

  int quorum_trackstart(long handle, int flags);

  /** {@code quorum_v1_quorum_notification_fn_t}. */
  interface QuorumNotificationFn extends Callback {
    void invoke(
        long handle,
        int quorate,
        QuorumRingId.ByValue ringId,
        int memberListEntries,
        @Nullable Pointer memberList);
  }

  /** {@code quorum_v1_nodelist_notification_fn_t}; not used, so always null. */
  interface NodelistNotificationFn extends Callback {
    void invoke(
        long handle,
        QuorumRingId.ByValue ringId,
        int memberListEntries,
        @Nullable Pointer memberList,
        int joinedListEntries,
        @Nullable Pointer joinedList,
        int leftListEntries,
        @Nullable Pointer leftList);
  }

  /** {@code quorum_model_v1_data_t}. */
  @FieldOrder({"model", "quorum_notify_fn", "nodelist_notify_fn"})
  class QuorumModelV1Data extends Structure {
    public int model;
    public @Nullable QuorumNotificationFn quorum_notify_fn;
    public @Nullable NodelistNotificationFn nodelist_notify_fn;
  }

  /** {@code struct quorum_ring_id}. */
  @FieldOrder({"nodeid", "seq"})
  class QuorumRingId extends Structure {
    public int nodeid;
    public long seq;

    /** As it is passed to {@link QuorumNotificationFn}. */
    public static class ByValue extends QuorumRingId implements Structure.ByValue {}
  }
}
