/**
 * What the Debian package contains beside the programs: manual pages and completions, made from the
 * programs' own tables of options.
 *
 * <p>{@link io.sheepdog.debian.Documents} is run by the build, in one thread; none of this is
 * installed. The package itself is described in {@code src/deb} and in {@code pom.xml}.
 */
@NullMarked
package io.sheepdog.debian;

import org.jspecify.annotations.NullMarked;
