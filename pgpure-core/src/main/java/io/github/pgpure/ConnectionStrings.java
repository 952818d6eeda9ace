package io.github.pgpure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads libpq's connection strings, in both forms, with libpq's rules
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING">manual</a>).
 *
 * <p>What a string says goes before what the service it names says, and that before the environment. No message shows the string or a part of it that
 * could belong to a password.
 */
final class ConnectionStrings {

    private ConnectionStrings() {}

    /** Reads a string alone, with the service that it names. */
    static PgConnectOptions.Builder parse(String connectionString) {
        return parse(connectionString, null);
    }

    /**
     * Reads a string.
     *
     * @param environment what gives what the string leaves out; null for nothing
     */
    static PgConnectOptions.Builder parse(String connectionString, @Nullable ConnectionEnvironment environment) {
        Map<String, String> settings;
        if (ConnectionUri.isUri(connectionString)) {
            settings = ConnectionUri.parse(connectionString);
        } else {
            refuseOtherUris(connectionString);
            settings = KeywordValueString.parse(connectionString);
        }
        addService(settings, environment);
        if (environment == null) {
            return ConnectionSettings.apply(settings);
        }
        environment.addTo(settings);
        PgConnectOptions.Builder builder = ConnectionSettings.apply(settings);
        environment.addTo(builder);
        return builder;
    }

    private static void addService(Map<String, String> settings, @Nullable ConnectionEnvironment environment) {
        String service = settings.get("service");
        String file = settings.get("servicefile");
        if (environment != null) {
            service = service == null ? environment.service() : service;
            file = file == null ? environment.serviceFile() : file;
        }
        if (service == null || service.isEmpty()) {
            return;
        }
        boolean named = file != null && !file.isEmpty();
        List<Path> files = new ArrayList<>();
        if (named) {
            files.add(Path.of(file));
        } else {
            Path home = environment == null ? ConnectionEnvironment.homeOfUser() : environment.home();
            files.add(home.resolve(".pg_service.conf"));
        }
        if (environment != null) {
            files.addAll(environment.systemServiceFiles());
        }
        ServiceFile.read(service, files, named).forEach(settings::putIfAbsent);
    }

    private static void refuseOtherUris(String connectionString) {
        if (connectionString.regionMatches(true, 0, "jdbc:", 0, 5)) {
            throw new IllegalArgumentException(
                    "this is a JDBC URL; write postgresql://user:password@host:5432/database instead:"
                            + " without \"jdbc:\", and with libpq's keywords (user, password, sslmode, connect_timeout …) after the ?");
        }
        int scheme = connectionString.indexOf("://");
        int equals = connectionString.indexOf('=');
        if (scheme >= 0 && (equals < 0 || scheme < equals)) {
            throw new IllegalArgumentException(
                    "the connection string is a URI of another scheme: it must begin with postgresql:// or postgres://");
        }
    }
}
