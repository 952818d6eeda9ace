package io.github.pgpure.protocol;

import java.util.List;

/**
 * The server's part of authentication
 * (<a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP">manual</a>).
 */
public sealed interface AuthenticationMessage extends BackendMessage {

    /** Authentication has succeeded. */
    record AuthenticationOk() implements AuthenticationMessage {}

    record AuthenticationKerberosV5() implements AuthenticationMessage {}

    record AuthenticationCleartextPassword() implements AuthenticationMessage {}

    /** @param salt four bytes to hash the password with */
    record AuthenticationMD5Password(byte[] salt) implements AuthenticationMessage {}

    record AuthenticationGSS() implements AuthenticationMessage {}

    record AuthenticationGSSContinue(byte[] data) implements AuthenticationMessage {}

    record AuthenticationSSPI() implements AuthenticationMessage {}

    /** @param mechanisms the names of the SASL mechanisms, in the server's order of preference */
    record AuthenticationSASL(List<String> mechanisms) implements AuthenticationMessage {}

    record AuthenticationSASLContinue(byte[] data) implements AuthenticationMessage {}

    record AuthenticationSASLFinal(byte[] data) implements AuthenticationMessage {}

    /** A method that this protocol version does not name. */
    record AuthenticationUnknown(int code) implements AuthenticationMessage {}
}
