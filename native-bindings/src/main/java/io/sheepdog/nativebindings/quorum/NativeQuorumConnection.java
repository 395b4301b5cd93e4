package io.sheepdog.nativebindings.quorum;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import io.sheepdog.nativebindings.NativeLibraries;
import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.quorum.QuorumLibrary.QuorumModelV1Data;
import io.sheepdog.nativebindings.quorum.QuorumLibrary.QuorumNotificationFn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection made by libquorum. */
public final class NativeQuorumConnection implements QuorumConnection {
  private final QuorumLibrary quorum;
  private final Consumer<QuorumView> listener;

  /** Kept reachable as long as the connection is: the C side does not. */
  private final QuorumNotificationFn notification = this::notified;

  private long handle;
  private boolean configured;
  private @Nullable RuntimeException thrown;

  private NativeQuorumConnection(QuorumLibrary quorum, Consumer<QuorumView> listener) {
    this.quorum = quorum;
    this.listener = listener;
  }

  /**
   * Connects to the corosync of this node.
   *
   * @param listener gets the present view and each later one, in {@link #dispatch}, if a provider
   *     is configured
   * @throws CorosyncException as libcpg's connections
   * @throws io.sheepdog.nativebindings.MissingLibraryException without libquorum5
   */
  public static NativeQuorumConnection connect(Consumer<QuorumView> listener)
      throws CorosyncException {
    NativeQuorumConnection connection =
        new NativeQuorumConnection(
            NativeLibraries.load(
                QuorumLibrary.class, QuorumLibrary.NAME, QuorumLibrary.DEBIAN_PACKAGE),
            listener);
    connection.initialize();
    return connection;
  }

  private void initialize() throws CorosyncException {
    QuorumModelV1Data data = new QuorumModelV1Data();
    data.model = QuorumLibrary.QUORUM_MODEL_V1;
    data.quorum_notify_fn = notification;
    LongByReference newHandle = new LongByReference();
    IntByReference type = new IntByReference();
    CorosyncException.check(
        "quorum_model_initialize",
        quorum.quorum_model_initialize(newHandle, QuorumLibrary.QUORUM_MODEL_V1, data, type, null));
    handle = newHandle.getValue();
    configured = type.getValue() == QuorumLibrary.QUORUM_SET;
    if (configured) {
      int flags = QuorumLibrary.CS_TRACK_CURRENT | QuorumLibrary.CS_TRACK_CHANGES;
      int returned = quorum.quorum_trackstart(handle, flags);
      if (returned != CsError.CS_OK) {
        close();
      }
      CorosyncException.check("quorum_trackstart", returned);
    }
  }

  @Override
  public boolean configured() {
    return configured;
  }

  @Override
  public boolean quorate() throws CorosyncException {
    IntByReference quorate = new IntByReference();
    CorosyncException.check("quorum_getquorate", quorum.quorum_getquorate(handle, quorate));
    return quorate.getValue() != 0;
  }

  @Override
  public int fileDescriptor() throws CorosyncException {
    IntByReference fd = new IntByReference();
    CorosyncException.check("quorum_fd_get", quorum.quorum_fd_get(handle, fd));
    return fd.getValue();
  }

  @Override
  public void dispatch() throws CorosyncException {
    int returned = quorum.quorum_dispatch(handle, QuorumLibrary.CS_DISPATCH_ALL);
    RuntimeException waiting = thrown;
    thrown = null;
    if (waiting != null) {
      throw waiting;
    }
    CorosyncException.check("quorum_dispatch", returned);
  }

  @Override
  public void close() {
    // The only errors are those of a connection that is gone anyway.
    quorum.quorum_finalize(handle);
  }

  private void notified(
      long ofHandle,
      int quorate,
      QuorumLibrary.QuorumRingId.ByValue ring,
      int count,
      @Nullable Pointer nodes) {
    try {
      List<Integer> list = new ArrayList<>();
      if (nodes != null && count > 0) {
        for (int node : nodes.getIntArray(0, count)) {
          list.add(node);
        }
      }
      listener.accept(new QuorumView(new RingId(ring.nodeid, ring.seq), quorate != 0, list));
    } catch (RuntimeException e) {
      // It cannot pass through C.
      thrown = e;
    }
  }
}
