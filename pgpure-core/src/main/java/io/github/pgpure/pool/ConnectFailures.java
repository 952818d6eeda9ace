package io.github.pgpure.pool;

import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgServerException;

/** Tells failures to connect that may pass by themselves from those that need somebody to change something. */
final class ConnectFailures {

    private ConnectFailures() {}

    /**
     * Whether trying again is pointless until somebody has changed a setting: the password (class 28), the database (3D000), a
     * permission or a startup parameter (classes 22 and 42), the protocol (0A000), or the program itself.
     */
    static boolean isTerminal(Throwable failure) {
        if (failure instanceof PgServerException server) {
            String state = server.sqlState();
            return state.startsWith("28")
                    || state.equals("3D000")
                    || state.startsWith("22")
                    || state.startsWith("42")
                    || state.startsWith("0A");
        }
        if (failure instanceof PgAuthenticationException) {
            return true;
        }
        return !(failure instanceof PgConnectionException);
    }
}
