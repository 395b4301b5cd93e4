/**
 * {@code cluster snapshot}: the snapshots of many images in a directory of this host, from which a
 * cluster is made again. Start at {@link io.sheepdog.cli.archive.ClusterSnapshotCommand}.
 *
 * <p>Contents are files named by the SHA-256 of their bytes, so what did not change is stored once
 * ({@link io.sheepdog.cli.archive.ArchiveDirectory}); what a snapshot of the cluster consists of is
 * a JSON document that appears when all it names is on disk ({@link
 * io.sheepdog.cli.archive.Manifest}). Used by one thread, but for {@link
 * io.sheepdog.cli.archive.PieceSaver}.
 */
@NullMarked
package io.sheepdog.cli.archive;

import org.jspecify.annotations.NullMarked;
