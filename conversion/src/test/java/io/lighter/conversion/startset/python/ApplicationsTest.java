package io.lighter.conversion.startset.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ApplicationsTest {

  private static final String SITE = "/usr/local/lib/python3.12/site-packages/";

  private static PythonImage server(String name, String module) {
    String path = SITE + module.replace('.', '/');
    return PythonImage.official(12)
        .script(
            "/usr/local/bin/" + name,
            "#!/usr/local/bin/python3",
            "from " + module + " import main",
            "main()")
        .file(path.substring(0, path.lastIndexOf('/')) + "/__init__.py")
        .file(path + ".py", "def main(): pass");
  }

  @Test
  void follow_gunicorn_importsApplicationAndWorker() {
    List<String> reads =
        server("gunicorn", "gunicorn.cli")
            .file(SITE + "gunicorn/workers/__init__.py")
            .file(SITE + "gunicorn/workers/sync.py")
            .file(SITE + "gunicorn/workers/gthread.py")
            .file(SITE + "uvicorn/__init__.py")
            .file(SITE + "uvicorn/workers.py")
            .file("/app/gunicorn.conf.py", "worker_class = 'uvicorn.workers.UvicornWorker'")
            .file("/app/shop/__init__.py")
            .file("/app/shop/wsgi.py")
            .reads("gunicorn", "-b", "0.0.0.0:80", "--worker-class=gthread", "shop.wsgi:app");

    assertThat(reads)
        .contains(
            SITE + "gunicorn/workers/sync.py",
            SITE + "gunicorn/workers/gthread.py",
            "/app/gunicorn.conf.py",
            SITE + "uvicorn/workers.py",
            "/app/shop/__init__.py",
            "/app/shop/wsgi.py");
  }

  @Test
  void follow_serverAsModuleWithDirectory_findsTheApplicationThere() {
    assertThat(
            server("uvicorn", "uvicorn.main")
                .file(SITE + "uvicorn/__main__.py", "import uvicorn")
                .file("/srv/code/main.py")
                .reads("python3", "-m", "uvicorn", "--app-dir", "/srv/code", "main:app"))
        .endsWith("/srv/code/main.py");
  }

  @Test
  void follow_celeryAndFlask_importWhatOptionAndVariableName() {
    assertThat(
            server("celery", "celery.cli")
                .file("/app/jobs.py")
                .reads("celery", "-A", "jobs", "worker"))
        .endsWith("/app/jobs.py");
    assertThat(
            server("flask", "flask.cli")
                .variable("FLASK_APP", "site_app.py")
                .file("/app/site_app.py")
                .file("/app/app.py")
                .reads("flask", "run"))
        .endsWith("/app/site_app.py");
    assertThat(server("flask", "flask.cli").file("/app/app.py").reads("flask", "run"))
        .endsWith("/app/app.py");
  }

  @Test
  void follow_django_importsWhatTheSettingsName() {
    List<String> reads =
        PythonImage.official(12)
            .file(
                "/app/manage.py",
                "import os, django",
                "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'proj.settings')")
            .file(SITE + "django/__init__.py")
            .file(SITE + "django/middleware/__init__.py")
            .file(SITE + "django/middleware/gzip.py")
            .file("/app/proj/__init__.py")
            .file(
                "/app/proj/settings.py",
                "INSTALLED_APPS = ['polls', 'not.there']",
                "MIDDLEWARE = ['django.middleware.gzip.GZipMiddleware']",
                "ROOT_URLCONF = 'proj.urls'")
            .file("/app/proj/urls.py")
            .file("/app/polls/__init__.py")
            .file("/app/polls/models.py")
            .file("/app/polls/migrations/__init__.py")
            .file("/app/polls/migrations/0001_initial.py")
            .file("/app/polls/views.py")
            .reads("python3", "manage.py", "runserver");

    assertThat(reads)
        .contains(
            "/app/proj/settings.py",
            "/app/polls/models.py",
            "/app/polls/migrations/0001_initial.py",
            SITE + "django/middleware/gzip.py",
            "/app/proj/urls.py")
        .doesNotContain("/app/polls/views.py");
  }

  @Test
  void follow_programThatIsNoServer_takesNoArgumentForAModule() {
    assertThat(
            PythonImage.debian()
                .file("/app/run.py", "x = 1")
                .file("/app/other.py")
                .reads("python3", "run.py", "other"))
        .endsWith("/app/run.py");
  }
}
