from celery import shared_task

from organizations import services
from organizations.imports import jobs


@shared_task(name="organizations.apply_appointments")
def apply_appointments() -> int:
    return services.apply_appointments()


@shared_task(name="organizations.run_imports")
def run_imports() -> int:
    return jobs.run_waiting()


@shared_task(name="organizations.sweep_imports")
def sweep_imports() -> int:
    return jobs.sweep() + jobs.sweep_files()
