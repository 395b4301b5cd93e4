package io.sheepdog.nativebindings.cpg;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import org.jspecify.annotations.Nullable;

/**
 * corosync/cpg.h. All functions return {@code cs_error_t}. {@code size_t} is a {@link NativeLong},
 * which has its width on every Linux.
 */
interface CpgLibrary extends Library {
  String NAME = "libcpg.so.4";
  String DEBIAN_PACKAGE = "libcpg4";

  int CPG_TYPE_AGREED = 2;
  int CPG_FLOW_CONTROL_ENABLED = 1;
  int CPG_MODEL_V1 = 1;
  int CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF = 0x01;
  int CPG_MAX_NAME_LENGTH = 128;
  int CPG_MEMBERS_MAX = 128;

  /** Delivers all that is there without waiting (corosync/corotypes.h). */
  int CS_DISPATCH_ALL = 2;

  int cpg_model_initialize(
      LongByReference handle, int model, CpgModelV1Data modelData, @Nullable Pointer context);

  int cpg_finalize(long handle);

  int cpg_fd_get(long handle, IntByReference fd);

  int cpg_dispatch(long handle, int dispatchTypes);

  int cpg_join(long handle, CpgName group);

  int cpg_leave(long handle, CpgName group);

  int cpg_mcast_joined(long handle, int guarantee, Iovec iovec, int iovLen);

  int cpg_membership_get(
      long handle, CpgName groupName, Pointer memberList, IntByReference memberListEntries);

  int cpg_local_get(long handle, IntByReference localNodeid);

  int cpg_flow_control_state_get(long handle, IntByReference flowControlEnabled);

  /** {@code cpg_deliver_fn_t}. */
  interface CpgDeliverFn extends Callback {
    void invoke(
        long handle, Pointer groupName, int nodeid, int pid, Pointer msg, NativeLong msgLen);
  }

  /** {@code cpg_confchg_fn_t}; a list of no entries may be null. */
  interface CpgConfchgFn extends Callback {
    void invoke(
        long handle,
        Pointer groupName,
        @Nullable Pointer memberList,
        NativeLong memberListEntries,
        @Nullable Pointer leftList,
        NativeLong leftListEntries,
        @Nullable Pointer joinedList,
        NativeLong joinedListEntries);
  }

  /** {@code cpg_totem_confchg_fn_t}. */
  interface CpgTotemConfchgFn extends Callback {
    void invoke(
        long handle, CpgRingId.ByValue ringId, int memberListEntries, @Nullable Pointer memberList);
  }

  /** {@code cpg_model_v1_data_t}. */
  @FieldOrder({"model", "cpg_deliver_fn", "cpg_confchg_fn", "cpg_totem_confchg_fn", "flags"})
  class CpgModelV1Data extends Structure {
    public int model;
    public @Nullable CpgDeliverFn cpg_deliver_fn;
    public @Nullable CpgConfchgFn cpg_confchg_fn;
    public @Nullable CpgTotemConfchgFn cpg_totem_confchg_fn;
    public int flags;
  }

  /** {@code struct cpg_name}. */
  @FieldOrder({"length", "value"})
  class CpgName extends Structure {
    public int length;
    public byte[] value = new byte[CPG_MAX_NAME_LENGTH];
  }

  /** {@code struct cpg_address}. */
  @FieldOrder({"nodeid", "pid", "reason"})
  class CpgAddress extends Structure {
    public int nodeid;
    public int pid;
    public int reason;

    /** As one entry of an array, and for JNA. */
    public CpgAddress() {}

    CpgAddress(Pointer first) {
      super(first);
    }
  }

  /** {@code struct cpg_ring_id}. */
  @FieldOrder({"nodeid", "seq"})
  class CpgRingId extends Structure {
    public int nodeid;
    public long seq;

    /** As it is passed to {@link CpgTotemConfchgFn}. */
    public static class ByValue extends CpgRingId implements Structure.ByValue {}
  }

  /** {@code struct iovec} of sys/uio.h. */
  @FieldOrder({"iov_base", "iov_len"})
  class Iovec extends Structure {
    public @Nullable Pointer iov_base;
    public NativeLong iov_len = new NativeLong();
  }
}
