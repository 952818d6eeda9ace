package io.github.pgpure;

/**
 * Gives the credentials for a connection that is about to be opened: for passwords that change and tokens that expire.
 *
 * <pre>{@code
 * PgConnectOptions.builder().host("db1").database("shop")
 *         .credentials(host -> Credentials.ofToken("app", tokens.current()))
 * }</pre>
 *
 * <p>It is asked for each host at each attempt to connect, and may be asked by several threads at once. It runs on a thread of pgpure's
 * with the caller's context class loader; the time it takes counts towards the connect timeout, and it is interrupted when that
 * passes.
 */
@FunctionalInterface
public interface CredentialsSupplier {

    /**
     * The credentials to use now.
     *
     * @param host the host that is about to be connected to
     * @throws Exception for any reason why there are none; the attempt to connect then fails with a {@link PgAuthenticationException} that
     *     has it as its cause
     */
    Credentials get(PgHost host) throws Exception;
}
