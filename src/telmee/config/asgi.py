"""The web application behind its gate, for granian."""

from django.core.wsgi import get_wsgi_application

from telmee.web.gate import behind_gate

application = behind_gate(get_wsgi_application())
