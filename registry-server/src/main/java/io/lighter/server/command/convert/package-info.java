/**
 * {@code lighter convert}: turns an image of a registry or an OCI layout directory, or a single
 * layer, into eStargz, without a server and its store. What is done to layers and manifests is the
 * same as in the server: {@link io.lighter.conversion.LayerConverter} and {@link
 * io.lighter.conversion.ImageConverter}. Begin reading at {@link
 * io.lighter.server.command.convert.ConvertCommand}.
 */
@NullMarked
package io.lighter.server.command.convert;

import org.jspecify.annotations.NullMarked;
