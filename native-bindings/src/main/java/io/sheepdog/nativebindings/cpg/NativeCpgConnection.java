package io.sheepdog.nativebindings.cpg;

import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.NativeLibraries;
import io.sheepdog.nativebindings.cpg.CpgLibrary.CpgAddress;
import io.sheepdog.nativebindings.cpg.CpgLibrary.CpgModelV1Data;
import io.sheepdog.nativebindings.cpg.CpgLibrary.CpgName;
import io.sheepdog.nativebindings.cpg.CpgLibrary.Iovec;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A connection made by libcpg. */
public final class NativeCpgConnection implements CpgConnection {
  private final CpgLibrary cpg;
  private final CpgCallbacks callbacks;
  private final long handle;

  private NativeCpgConnection(CpgLibrary cpg, CpgCallbacks callbacks, long handle) {
    this.cpg = cpg;
    this.callbacks = callbacks;
    this.handle = handle;
  }

  /**
   * Connects to the corosync of this node.
   *
   * @throws CorosyncException CS_ERR_LIBRARY or CS_ERR_TRY_AGAIN: not running; CS_ERR_ACCESS: not
   *     allowed
   * @throws io.sheepdog.nativebindings.MissingLibraryException without libcpg4
   */
  public static NativeCpgConnection connect(CpgListener listener) throws CorosyncException {
    return connect(
        NativeLibraries.load(CpgLibrary.class, CpgLibrary.NAME, CpgLibrary.DEBIAN_PACKAGE),
        listener);
  }

  static NativeCpgConnection connect(CpgLibrary cpg, CpgListener listener)
      throws CorosyncException {
    CpgCallbacks callbacks = new CpgCallbacks(listener);
    CpgModelV1Data data = callbacks.modelData();
    LongByReference handle = new LongByReference();
    CorosyncException.check(
        "cpg_model_initialize",
        cpg.cpg_model_initialize(handle, CpgLibrary.CPG_MODEL_V1, data, null));
    return new NativeCpgConnection(cpg, callbacks, handle.getValue());
  }

  @Override
  public int localNodeId() throws CorosyncException {
    IntByReference nodeId = new IntByReference();
    CorosyncException.check("cpg_local_get", cpg.cpg_local_get(handle, nodeId));
    return nodeId.getValue();
  }

  @Override
  public void join(String group) throws CorosyncException {
    CorosyncException.check("cpg_join", cpg.cpg_join(handle, name(group)));
  }

  @Override
  public void leave(String group) throws CorosyncException {
    CorosyncException.check("cpg_leave", cpg.cpg_leave(handle, name(group)));
  }

  @Override
  public void multicast(byte[] message) throws CorosyncException {
    try (Memory memory = new Memory(Math.max(1, message.length))) {
      memory.write(0, message, 0, message.length);
      Iovec iovec = new Iovec();
      iovec.iov_base = memory;
      iovec.iov_len = new NativeLong(message.length);
      CorosyncException.check(
          "cpg_mcast_joined", cpg.cpg_mcast_joined(handle, CpgLibrary.CPG_TYPE_AGREED, iovec, 1));
    }
  }

  @Override
  public boolean flowControlled() throws CorosyncException {
    IntByReference state = new IntByReference();
    CorosyncException.check(
        "cpg_flow_control_state_get", cpg.cpg_flow_control_state_get(handle, state));
    return state.getValue() == CpgLibrary.CPG_FLOW_CONTROL_ENABLED;
  }

  @Override
  public List<CpgProcess> members(String group) throws CorosyncException {
    CpgAddress one = new CpgAddress();
    IntByReference count = new IntByReference(CpgLibrary.CPG_MEMBERS_MAX);
    try (Memory list = new Memory((long) CpgLibrary.CPG_MEMBERS_MAX * one.size())) {
      CorosyncException.check(
          "cpg_membership_get", cpg.cpg_membership_get(handle, name(group), list, count));
      return CpgCallbacks.processes(list, count.getValue());
    }
  }

  @Override
  public int fileDescriptor() throws CorosyncException {
    IntByReference fd = new IntByReference();
    CorosyncException.check("cpg_fd_get", cpg.cpg_fd_get(handle, fd));
    return fd.getValue();
  }

  @Override
  public void dispatch() throws CorosyncException {
    int returned = cpg.cpg_dispatch(handle, CpgLibrary.CS_DISPATCH_ALL);
    callbacks.rethrow();
    CorosyncException.check("cpg_dispatch", returned);
  }

  @Override
  public void close() {
    // The only errors are those of a connection that is gone anyway.
    cpg.cpg_finalize(handle);
  }

  private static CpgName name(String group) {
    byte[] bytes = group.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < 1 || bytes.length > MAX_NAME) {
      throw new IllegalArgumentException(
          "a group name has 1 to " + MAX_NAME + " bytes, not " + bytes.length);
    }
    CpgName name = new CpgName();
    name.length = bytes.length;
    System.arraycopy(bytes, 0, name.value, 0, bytes.length);
    return name;
  }
}
