package io.sheepdog.core.session;

import io.sheepdog.protocol.id.VdiId;
import java.util.concurrent.CompletionStage;

/** The writes under way of those who held a lock before (P3, R12). */
public interface EarlierWrites {
  /**
   * Completes once no write to the VDI that was admitted under an earlier lock can change anything
   * any more: each is on all replicas or on none. Also completes when this node is no member any
   * more.
   *
   * @param vid the head that the lock protects
   * @param generation of the lock that was granted, and that every member knows of
   */
  CompletionStage<Void> ended(VdiId vid, long generation);
}
