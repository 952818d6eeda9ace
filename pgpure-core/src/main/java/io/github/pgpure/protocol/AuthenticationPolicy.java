package io.github.pgpure.protocol;

import io.github.pgpure.AuthenticationMethod;
import io.github.pgpure.ChannelBinding;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a client accepts in an authentication.
 *
 * @param acceptable the methods that the server may ask for
 * @param channelBinding whether SCRAM is to be bound to the TLS session
 * @param mayReveal whether what is sent may be readable: the connection is encrypted or does not leave the machine, or the application has
 *     allowed it
 */
public record AuthenticationPolicy(
        Set<AuthenticationMethod> acceptable, ChannelBinding channelBinding, boolean mayReveal) {

    /** Everything, bound where possible. */
    public static final AuthenticationPolicy LENIENT =
            new AuthenticationPolicy(EnumSet.allOf(AuthenticationMethod.class), ChannelBinding.PREFER, true);
}
