package io.github.pgpure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What libpq takes from a process's surroundings: environment variables, and where its files are
 * (<a href="https://www.postgresql.org/docs/current/libpq-envars.html">manual</a>).
 *
 * @param variable looks an environment variable up, null where it is not set
 * @param home the user's home directory
 */
record ConnectionEnvironment(Function<String, @Nullable String> variable, Path home) {

    /** The variables that give the value of a keyword. */
    private static final Map<String, String> KEYWORDS = Map.ofEntries(
            Map.entry("PGHOST", "host"),
            Map.entry("PGHOSTADDR", "hostaddr"),
            Map.entry("PGPORT", "port"),
            Map.entry("PGDATABASE", "dbname"),
            Map.entry("PGUSER", "user"),
            Map.entry("PGPASSWORD", "password"),
            Map.entry("PGPASSFILE", "passfile"),
            Map.entry("PGREQUIREAUTH", "require_auth"),
            Map.entry("PGCHANNELBINDING", "channel_binding"),
            Map.entry("PGOPTIONS", "options"),
            Map.entry("PGAPPNAME", "application_name"),
            Map.entry("PGCLIENTENCODING", "client_encoding"),
            Map.entry("PGSSLMODE", "sslmode"),
            Map.entry("PGSSLNEGOTIATION", "sslnegotiation"),
            Map.entry("PGSSLCERT", "sslcert"),
            Map.entry("PGSSLKEY", "sslkey"),
            Map.entry("PGSSLROOTCERT", "sslrootcert"),
            Map.entry("PGSSLCRL", "sslcrl"),
            Map.entry("PGSSLCRLDIR", "sslcrldir"),
            Map.entry("PGSSLSNI", "sslsni"),
            Map.entry("PGSSLCERTMODE", "sslcertmode"),
            Map.entry("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
            Map.entry("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
            Map.entry("PGGSSENCMODE", "gssencmode"),
            Map.entry("PGREQUIREPEER", "requirepeer"),
            Map.entry("PGCONNECT_TIMEOUT", "connect_timeout"),
            Map.entry("PGTARGETSESSIONATTRS", "target_session_attrs"),
            Map.entry("PGLOADBALANCEHOSTS", "load_balance_hosts"),
            Map.entry("PGMINPROTOCOLVERSION", "min_protocol_version"),
            Map.entry("PGMAXPROTOCOLVERSION", "max_protocol_version"));

    static ConnectionEnvironment ofProcess() {
        return new ConnectionEnvironment(System::getenv, homeOfUser());
    }

    static Path homeOfUser() {
        return Path.of(System.getProperty("user.home", "."));
    }

    /** Adds what the settings leave out. */
    void addTo(Map<String, String> settings) {
        KEYWORDS.forEach((name, keyword) -> {
            String value = variable.apply(name);
            if (value != null) {
                settings.putIfAbsent(keyword, value);
            }
        });
        settings.putIfAbsent("passfile", defaultPassFile().toString());
        addCertificatesTo(settings);
    }

    /** The files that are used where they exist and none are named. */
    private void addCertificatesTo(Map<String, String> settings) {
        Path directory = directory();
        Path certificate = directory.resolve("postgresql.crt");
        if (!isGiven(settings, "sslcert") && !isGiven(settings, "sslkey") && Files.exists(certificate)) {
            settings.put("sslcert", certificate.toString());
        }
        Path key = directory.resolve("postgresql.key");
        if (isGiven(settings, "sslcert") && !isGiven(settings, "sslkey") && Files.exists(key)) {
            settings.put("sslkey", key.toString());
        }
        Path rootCert = directory.resolve("root.crt");
        if (!isGiven(settings, "sslrootcert") && Files.exists(rootCert)) {
            settings.put("sslrootcert", rootCert.toString());
            // A file that nobody named makes nothing stricter but the check of the certificate.
            settings.putIfAbsent("sslmode", "direct".equals(settings.get("sslnegotiation")) ? "require" : "prefer");
        }
        Path crl = directory.resolve("root.crl");
        if (isFile(settings, "sslrootcert")
                && !isGiven(settings, "sslcrl")
                && !isGiven(settings, "sslcrldir")
                && Files.exists(crl)) {
            settings.put("sslcrl", crl.toString());
        }
    }

    private static boolean isFile(Map<String, String> settings, String keyword) {
        return isGiven(settings, keyword) && !"system".equals(settings.get(keyword));
    }

    private static boolean isGiven(Map<String, String> settings, String keyword) {
        String value = settings.get(keyword);
        return value != null && !value.isEmpty();
    }

    private Path directory() {
        String applicationData = variable.apply("APPDATA");
        return isWindows() && applicationData != null
                ? Path.of(applicationData, "postgresql")
                : home.resolve(".postgresql");
    }

    private static boolean isWindows() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
    }

    /** Run-time parameters that have variables of their own. */
    void addTo(PgConnectOptions.Builder builder) {
        String timeZone = variable.apply("PGTZ");
        if (timeZone != null && !timeZone.isEmpty()) {
            builder.startupParameter("TimeZone", timeZone);
        }
        String geqo = variable.apply("PGGEQO");
        if (geqo != null && !geqo.isEmpty()) {
            builder.startupParameter("geqo", geqo);
        }
    }

    @Nullable
    String service() {
        return variable.apply("PGSERVICE");
    }

    @Nullable
    String serviceFile() {
        return variable.apply("PGSERVICEFILE");
    }

    /** The service file of the whole system, where it is known. */
    List<Path> systemServiceFiles() {
        List<Path> files = new ArrayList<>();
        String directory = variable.apply("PGSYSCONFDIR");
        if (directory != null && !directory.isEmpty()) {
            files.add(Path.of(directory, "pg_service.conf"));
        }
        return files;
    }

    private Path defaultPassFile() {
        String applicationData = variable.apply("APPDATA");
        return isWindows() && applicationData != null
                ? Path.of(applicationData, "postgresql", "pgpass.conf")
                : home.resolve(".pgpass");
    }
}
